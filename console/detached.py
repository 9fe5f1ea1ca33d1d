"""A stack in the background: starting ``xinji up`` in a session of its own, and stopping it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Event
from typing import Final

from connectors.settings import Settings
from console.configuration import CONFIG_VARIABLE, variable
from console.embedded.lock import DataDirInUse, DataDirLock
from console.environment import Endpoints, read_endpoints
from schemas.sentence import Sentence, Told

LOG: Final = "up.log"
"""What ``xinji up`` says in the background, among the other logs of the data directory."""
_LOOK_SECONDS: Final = 0.1
_TAIL_BYTES: Final = 4_000


class NotUp(Told, RuntimeError):
    """A stack in the background ended before it was ready; ``code`` is its exit code, ``log`` its output."""

    says = Sentence(
        "环境未能启动（退出码 {code}）；{log} 的末尾：\n{tail}", "the stack did not start (exit {code}); the end of {log}:\n{tail}"
    )

    def __init__(self, code: int, log: Path, tail: str) -> None:
        self.code, self.log = code, log
        super().__init__(code=code, log=log, tail=tail)


class StillUp(Told, RuntimeError):
    """A stack that was told to stop and did not in time; ``pid`` is its process."""

    says = Sentence(
        "{seconds:g} 秒内未停止（进程 {pid}）；请用 `xinji logs stack` 查看，或以更大的 --wait 重试",
        "process {pid} did not stop within {seconds:g} s; see `xinji logs stack`, or try again with a longer --wait",
    )

    def __init__(self, pid: int, seconds: float) -> None:
        self.pid = pid
        super().__init__(pid=pid, seconds=seconds)


def start(settings: Settings, config: Path | None) -> Endpoints:
    """Starts ``xinji up`` and returns when it is ready. Raises NotUp; what interrupts the waiting stops it again."""
    log = settings.data / "logs" / LOG
    with log.open("ab") as output:
        began = output.tell()
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", "from console.main import main; main()", "up"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **_stated(settings, config)},
            start_new_session=True,
        )
    try:
        return _ready(process, settings.data, log, began)
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise


def _ready(process: subprocess.Popen[bytes], data: Path, log: Path, began: int) -> Endpoints:
    pause = Event()
    while process.poll() is None:
        found = read_endpoints(data)
        if found is not None and found.pid == process.pid:
            return found
        pause.wait(_LOOK_SECONDS)
    with log.open("rb") as said:
        said.seek(max(began, log.stat().st_size - _TAIL_BYTES))
        raise NotUp(process.returncode, log, said.read().decode("utf-8", "replace").strip())


def _stated(settings: Settings, config: Path | None) -> Mapping[str, str]:
    """What was stated, and nothing of what is usual: the process chooses the rest by itself, as we would."""
    stated = {variable(name): str(value) for name, value in settings if name in settings.model_fields_set and value is not None}
    return stated if config is None else {**stated, CONFIG_VARIABLE: str(config.absolute())}


def stop(data: Path, seconds: float) -> int | None:
    """Stops the stack on a data directory and waits until it is gone; gives its process, None where none ran.
    Raises StillUp, and DataDirInUse where somebody else than a ready stack uses the directory."""
    pid, pause, deadline = None, Event(), time.monotonic() + seconds
    while (holder := _holder(data)) is not None:
        found = read_endpoints(data)
        if pid is None and (found is None or found.pid != holder.pid or holder.pid is None):
            raise holder
        if pid is None and holder.pid is not None:
            pid = holder.pid
            os.kill(pid, signal.SIGTERM)
        if time.monotonic() > deadline:
            raise StillUp(pid or 0, seconds)
        pause.wait(_LOOK_SECONDS)
    return pid


def _holder(data: Path) -> DataDirInUse | None:
    if not data.is_dir():
        return None
    try:
        DataDirLock(data).release()
    except DataDirInUse as held:
        return held
    return None
