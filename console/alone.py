"""The engine alone on a data directory whose stack does not run: for who examines it, backs it up or restores it."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Final

from connectors.settings import Settings
from console.embedded.access import SECRET, Role
from console.embedded.lock import DataDirLock
from console.embedded.ports import HOST, free_port
from console.embedded.process import own_command, start_process, stop_process
from console.environment import NoStack, embedded_files, resolved
from console.keys import make_secret
from schemas.sentence import Sentence, Told

_READY_SECONDS: Final = 120.0
_STOP_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.05
_TAIL: Final = 2_000
ENGINE: Final = "engine"


class EngineNotStarted(Told, RuntimeError):
    """The engine does not start on this directory. ``log`` is its output."""

    says = Sentence(
        "{data} 的 ClickHouse 引擎不能启动，日志在 {log}，末尾是：\n{tail}",
        "the engine does not start on {data}; its output is in {log}, the last of it:\n{tail}",
    )

    def __init__(self, data: Path, log: Path) -> None:
        self.data, self.log = data, log
        super().__init__(data=data, log=log, tail=log.read_text("utf-8", "replace")[-_TAIL:] if log.exists() else "")


@contextmanager
def parts(settings: Settings) -> Iterator[Settings]:
    """Settings with the addresses of the parts that run, or of the engine alone (no bus, an empty ``bootstrap``) on a data
    directory whose stack does not. Raises NoStack, DataDirInUse, EngineNotStarted."""
    try:
        found: Settings | None = resolved(settings)
    except NoStack:
        if settings.bootstrap or settings.clickhouse or not (settings.data / ENGINE).is_dir():
            raise
        found = None
    if found is not None:
        yield found
        return
    with DataDirLock(settings.data), engine_alone(settings) as alone:
        yield alone


@contextmanager
def engine_alone(settings: Settings) -> Iterator[Settings]:
    """Starts the engine on a directory whose lock the caller holds, and ends it. Raises EngineNotStarted."""
    data, log, port = settings.data.absolute(), settings.data.absolute() / "logs" / "engine.log", free_port()
    make_secret(data / SECRET)
    argv = own_command("engine", "--path", str(data / ENGINE), "--port", str(port), "--secret", str(data / SECRET))
    process = start_process(argv, log, {"XINJI_DATABASE": settings.database})
    try:
        deadline, pause = time.monotonic() + _READY_SECONDS, Event()
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise EngineNotStarted(data, log)
            pause.wait(_LOOK_SECONDS)
        secret = (data / SECRET).read_text("ascii").strip()
        yield embedded_files(
            settings.model_copy(update={"data": data, "clickhouse": f"http://{Role.OWNER}:{secret}@{HOST}:{port}"})
        )
    finally:
        stop_process(process, _STOP_SECONDS)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/ping", timeout=1.0) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
