"""Exclusive use of a data directory, for as long as this process lives."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from schemas.sentence import Sentence, Told

LOCK_NAME = "lock"


class DataDirInUse(Told):
    """Another process uses the directory; ``pid`` is the one that said so when it took it, None when it isn't known."""

    says = Sentence(
        "数据目录 {path} 正被{holder}使用。请先停止它（在其终端按 Ctrl-C，或 `kill {pid}`），或另用一个目录",
        "The data directory {path} is in use by {holder}. Stop that one first (Ctrl-C where it runs, or `kill {pid}`), or give "
        "this one a directory of its own.",
    )

    def __init__(self, path: Path, pid: int | None) -> None:
        known = Sentence("进程 {pid} ", "process {pid}").of(pid=pid)
        holder = known if pid is not None else Sentence("另一个进程", "another process")
        super().__init__(path=path, holder=holder, pid=pid if pid is not None else "PID")
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
