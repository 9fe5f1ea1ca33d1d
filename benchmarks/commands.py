"""The command ``xinji`` as its users run it, with what each run cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Final

from benchmarks.processes import Cpu
from console.embedded.process import start_process

ROOT: Final = Path(__file__).resolve().parent.parent


class CommandFailed(RuntimeError):
    """A command ended with another code than 0, or too late. Carries what it wrote."""

    def __init__(self, arguments: Sequence[str], what: str, output: str) -> None:
        self.output = output
        super().__init__(f"xinji {' '.join(arguments)}: {what}\n{output[-4000:]}")


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that ended well: its output, seconds by the clock, processor time and most memory."""

    out: str
    seconds: float
    cpu: Cpu
    peak: int

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def argv(*arguments: str) -> list[str]:
    """The command line, in this very interpreter."""
    return [sys.executable, "-c", "from console.main import main; main()", *arguments]


def start(log: Path, environment: Mapping[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    """Starts a command that goes on, its output in a log; it dies with us."""
    return start_process(argv(*arguments), log, {"PYTHONPATH": _path(environment), **_without_path(environment)})


def run(log: Path, environment: Mapping[str, str], *arguments: str, patience: float, codes: Sequence[int] = (0,)) -> Ran:
    """Runs a command to its end. Raises CommandFailed."""
    began, before = time.perf_counter(), time.monotonic()
    with log.open("wb") as errors:
        process = subprocess.Popen(
            argv(*arguments),
            env={**os.environ, **environment, "PYTHONPATH": _path(environment)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        assert process.stdout is not None
        with process.stdout:
            out, usage = _drained(process, process.stdout.fileno(), before + patience)
    seconds = time.perf_counter() - began
    if usage is None:
        raise CommandFailed(arguments, f"not within {patience:.0f} s", log.read_text(errors="replace"))
    if process.returncode not in codes:
        raise CommandFailed(arguments, f"exit code {process.returncode}", out + log.read_text(errors="replace"))
    return Ran(out, seconds, Cpu(usage.ru_utime, usage.ru_stime), usage.ru_maxrss * 1024)


def _drained(process: subprocess.Popen[bytes], descriptor: int, deadline: float) -> tuple[str, Any]:
    """What a process wrote, and its use of resources; None for one that was ended because it took too long."""
    chunks, pause = [], Event()
    os.set_blocking(descriptor, False)
    while True:
        while chunk := _read(descriptor):
            chunks.append(chunk)
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            while chunk := _read(descriptor):
                chunks.append(chunk)
            process.returncode = os.waitstatus_to_exitcode(status)
            return b"".join(chunks).decode(), usage
        if time.monotonic() > deadline:
            process.kill()
            process.wait()
            return b"".join(chunks).decode(), None
        pause.wait(0.01)


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except BlockingIOError:
        return b""


def _path(environment: Mapping[str, str]) -> str:
    """This checkout, before anything else that is installed; what the caller adds comes first."""
    parts = environment.get("PYTHONPATH", ""), str(ROOT), os.environ.get("PYTHONPATH", "")
    return os.pathsep.join(part for part in parts if part)


def _without_path(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name != "PYTHONPATH"}
