"""The peers: how each is started, and what each does not do that the product does."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.kafka.jars import FETCH_SECONDS, MissingTool, java

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent.parent
ENVIRONMENT: Final = ROOT / ".venv-peers"
STREAMS: Final = HERE / "streams"
EXTRA: Final = "peers"


class NotBuilt(RuntimeError):
    """A peer could not be built or installed. Carries what the tool printed."""

    def __init__(self, what: str, output: str) -> None:
        self.output = output
        super().__init__(f"{what}: check that this machine reaches the package repositories, then run it again\n{output[-4000:]}")


@dataclass(frozen=True, slots=True)
class Peer:
    """``state``: where it keeps what it has counted. ``lacks``: what it leaves out besides what all leave out."""

    name: str
    argv: Callable[[], Sequence[str]]
    state: str
    lacks: str


ALL_LACK: Final = (
    "none of them: admission, dedupe (a repeat counts twice), evidence (no digest, no receipt), rules by date, lists, grades, "
    "timelines (nothing as of a day or as known at a time), rows to query, replay, verification"
)


def _python(module: str, *arguments: str) -> list[str]:
    return [str(_environment() / "bin" / "python"), "-m", f"benchmarks.peers.{module}", *arguments]


def _environment() -> Path:
    """A virtual environment of the peers' own, made where it is missing or another than pyproject.toml asks for: one of
    them wants older versions of clients than the product has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted: list[str] = project["project"]["optional-dependencies"][EXTRA]
    stamp = ENVIRONMENT / "installed"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != "\n".join(wanted):
        _run("the peers' environment", [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], ROOT)
        pip = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run("the peers' packages", [*pip, *wanted], ROOT)
        stamp.write_text("\n".join(wanted), encoding="utf-8")
    return ENVIRONMENT


def _streams() -> list[str]:
    jars, built = STREAMS / "target" / "jars", STREAMS / "target" / "jars" / "streams.jar"
    sources = [STREAMS / "pom.xml", *STREAMS.rglob("*.java")]
    if not built.exists() or built.stat().st_mtime < max(source.stat().st_mtime for source in sources):
        maven = shutil.which("mvn")
        if maven is None:
            raise MissingTool("mvn", "Maven, which builds the peer in Kafka Streams")
        _run("Kafka Streams' peer", [maven, "-q", "-B", "clean", "package"], STREAMS)
    return [java(), "-Xmx512m", "-cp", f"{jars}/*", "xinji.peers.CountAndSum"]


def _run(what: str, command: Sequence[str], directory: Path) -> None:
    ran = subprocess.run(
        command,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        timeout=FETCH_SECONDS,
    )
    if ran.returncode != 0:
        raise NotBuilt(what, ran.stdout)


PEERS: Final = (
    Peer("confluent-kafka + fastavro", lambda: _python("plain"), "a dictionary", "state after a restart: it is lost"),
    Peer("quixstreams", lambda: _python("quix"), "RocksDB + changelog", "—"),
    Peer(
        "Faust, stock, with a table",
        lambda: _python("faust_table", "worker", "--loglevel", "warn"),
        "memory + changelog",
        "counting once over a crash: the table double-applies",
    ),
    Peer("Kafka Streams", _streams, "RocksDB + changelog", "—"),
)
