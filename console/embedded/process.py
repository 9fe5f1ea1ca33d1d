"""Starting and stopping child processes that never outlive their parent."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

WATCH_SECONDS = 0.5
_PR_SET_PDEATHSIG = 1

# what a foreign program is started through: this sets the death signal in the new process and becomes the program.
# A preexec_fn would run Python between fork and exec in a process with threads, which can deadlock.
_THROUGH = (
    "import ctypes,os,signal,sys;"
    "ctypes.CDLL(None).prctl(1,signal.SIGKILL);"
    "os.getppid()==int(sys.argv[1]) or os._exit(1);"
    "os.execv(sys.argv[2],sys.argv[2:])"
)


def die_with_parent() -> None:
    """Make this process end when the one that started it does, however that one ends. For the first line of a child.

    On Linux the kernel sends SIGKILL when the *thread* that started us ends, so a parent starts its children from a
    thread that lives as long as it does. Elsewhere a daemon thread looks every WATCH_SECONDS whether the parent is
    still the same.
    """
    parent = os.getppid()
    if sys.platform == "linux":
        if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
        if os.getppid() != parent:
            os._exit(1)
        return
    threading.Thread(target=_watch_parent, args=(parent,), name="parent-watch", daemon=True).start()


def start_process(argv: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a program (``argv[0]`` a full path) with its output appended to the log file and no standard input.

    ``env`` is added to this process's environment. On Linux the program dies with the calling thread, at the latest
    with this process; elsewhere only a program that calls ``die_with_parent`` does. It has a process group of its own:
    Ctrl-C in a terminal reaches only us, and we end it in order. Raises OSError when it can't be started.
    """
    command = list(argv)
    if sys.platform == "linux":
        command = [sys.executable, "-S", "-E", "-c", _THROUGH, str(os.getpid()), *argv]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            process_group=0,
        )


def own_command(*arguments: str) -> list[str]:
    """The command line of one of our own processes, in this very interpreter; folders of the working directory that bear our
    packages' names are none of ours (-P)."""
    return [sys.executable, "-P", "-c", "from console.main import main; main()", *arguments]


def stop_process(process: subprocess.Popen[bytes], seconds: float) -> int:
    """SIGTERM, then SIGKILL when it still runs after these seconds. Returns the exit code (negative: the signal)."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os._exit(1)
