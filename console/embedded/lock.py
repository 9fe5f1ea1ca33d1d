"""Exclusive use of a data directory, for as long as this process lives."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

LOCK_NAME = "lock"


class DataDirInUse(Exception):
    """Another process uses the directory; ``pid`` is the one that said so when it took it, None when it isn't known."""

    def __init__(self, path: Path, pid: int | None) -> None:
        holder = f"process {pid}" if pid is not None else "another process"
        super().__init__(
            f"The data directory {path} is in use by {holder}. Stop that one first (Ctrl-C where it runs, or "
            f"`kill {pid if pid is not None else 'PID'}`), or give this one a directory of its own."
        )
        self.path = path
        self.pid = pid


class DataDirLock:
    """Holds ``directory/lock`` exclusively from construction until ``release``, the end of a ``with`` block or the end
    of the process, however it ends: the kernel releases it on SIGKILL too. The file itself stays and means nothing.

    Child processes don't inherit it. Creates the directory. Raises DataDirInUse.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.path = directory
        self._file = os.open(directory / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = _holder(self._file)
            os.close(self._file)
            raise DataDirInUse(directory, pid) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give the directory back. Harmless when done already."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> DataDirLock:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()


def _holder(file: int) -> int | None:
    text = os.pread(file, 32, 0).strip()
    return int(text) if text.isdigit() else None
