"""The jars of Apache Kafka's broker, which Maven fetches once from ``pom.xml`` into ``target/jars``."""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
JARS: Final = HERE / "target" / "jars"
FETCH_SECONDS: Final = 600.0
OLDEST_JAVA: Final = 17
"""Kafka 4's broker runs on Java 17 or newer (Kafka documentation, Compatibility)."""


class MissingTool(RuntimeError):
    """A program that the Kafka tests need is not on this machine. Never a reason to skip them."""

    def __init__(self, tool: str, wanted: str) -> None:
        self.tool = tool
        super().__init__(
            f"the Kafka tests need {wanted}, and `{tool}` is missing or too old: install Java {OLDEST_JAVA} and Maven "
            "(on Debian and Ubuntu: apt-get install openjdk-17-jre-headless maven) and run the tests again"
        )


class FetchFailed(RuntimeError):
    """Maven could not bring the broker's jars. Carries what it printed."""

    def __init__(self, output: str) -> None:
        self.output = output
        super().__init__(
            f"Maven could not fetch the jars named in {HERE / 'pom.xml'}: check that this machine reaches the Maven "
            f"repository, then run the tests again\n{output[-4000:]}"
        )


def java() -> str:
    """Path of a Java that runs the broker; raises MissingTool."""
    program = shutil.which("java")
    if program is None or _major_version(program) < OLDEST_JAVA:
        raise MissingTool("java", f"Java {OLDEST_JAVA} or newer")
    return program


def _major_version(program: str) -> int:
    shown = subprocess.run([program, "-version"], capture_output=True, text=True, check=False, timeout=60)
    found = re.search(r'version "(?:1\.)?(\d+)', shown.stderr + shown.stdout)
    return int(found.group(1)) if found else 0


def class_path() -> str:
    """Class path of the broker, its jars fetched first where they are not there, or are those of another pom.xml.

    Raises MissingTool without Maven, FetchFailed where the jars cannot be had. Safe in several processes at once.
    """
    stamp = HERE / "target" / "pom.sha256"
    wanted = hashlib.sha256((HERE / "pom.xml").read_bytes()).hexdigest()
    stamp.parent.mkdir(exist_ok=True)
    with (stamp.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            _fetch()
            stamp.write_text(wanted)
    return f"{HERE}:{JARS}/*"


def _fetch() -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise MissingTool("mvn", "Maven, which fetches the broker's jars once")
    shutil.rmtree(JARS, ignore_errors=True)
    command = [maven, "-q", "-B", "dependency:copy-dependencies"]
    try:
        run = subprocess.run(
            command,
            cwd=HERE,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=FETCH_SECONDS,
        )
    except subprocess.TimeoutExpired as late:
        raise FetchFailed(f"no answer in {FETCH_SECONDS:.0f} seconds") from late
    if run.returncode != 0 or not list(JARS.glob("kafka_*.jar")):
        raise FetchFailed(run.stdout)
