"""A worker says once that it answers: it has joined, owns partitions, and has polled."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

READY_FILE: Final = "XINJI_READY_FILE"
log = logging.getLogger("xinji.readiness")


class Readiness:
    """``file``: where whoever supervises the worker looks for its process id; None: nobody does."""

    def __init__(self, file: Path | None = None) -> None:
        self._file, self._told = file, False

    def tell(self, partitions: Collection[int]) -> None:
        """To be called whenever it may be so; nothing but the first call with partitions does anything."""
        if self._told or not partitions:
            return
        self._told = True
        log.info("ready", extra={"partitions": sorted(partitions)})
        if self._file is not None:
            beside = self._file.with_suffix(".new")
            beside.write_text(str(os.getpid()), encoding="ascii")
            beside.replace(self._file)


def is_told(file: Path, pid: int | None) -> bool:
    """Whether the process has said so."""
    try:
        return pid is not None and int(file.read_text(encoding="ascii")) == pid
    except (FileNotFoundError, ValueError):
        return False
