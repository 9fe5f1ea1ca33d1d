"""What a workbook may unpack to. An archive of a few kilobytes can hold gigabytes, and its own figures may lie: parts are
counted while they are unpacked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import IO, Final

from connectors.files.errors import UnreadableFile
from schemas.sentence import Sentence

UNPACKED_BYTES: Final = 1_000_000_000
"""What all parts together may unpack to: some five million cells."""
CELL_BYTES: Final = 500_000
"""What one cell may hold, escapes included; a spreadsheet's own limit is 32,767 characters."""
_DECLARED: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_LONGEST_DECLARED: Final = 16


def too_large(path: Path, why: Sentence) -> UnreadableFile:
    """A book that no memory is spent on."""
    large = Sentence(
        "工作簿过大（{why}）；请拆成几个文件，或另存为 .csv",
        "is too large a workbook ({why}); split it into several files, or save it as .csv",
    )
    return UnreadableFile(path, large.of(why=why))


class Budget:
    """How many bytes of a book may still be unpacked."""

    def __init__(self, path: Path) -> None:
        self.path, self._left = path, UNPACKED_BYTES

    def spend(self, size: int) -> None:
        """Raises UnreadableFile when it is spent."""
        self._left -= size
        if self._left < 0:
            unpacked = Sentence("解压后超过 {most:,} MB", "it unpacks to more than {most:,} MB")
            raise too_large(self.path, unpacked.of(most=UNPACKED_BYTES // 1_000_000))


class Checked:
    """An XML part that is read; UnreadableFile instead of more than a spreadsheet writes."""

    def __init__(self, part: IO[bytes], budget: Budget) -> None:
        self._part, self._budget = part, budget
        self._run, self._end = 0, b""

    def read(self, size: int = -1) -> bytes:
        """At most a megabyte at a time."""
        text = self._part.read(min(size, 1 << 20) if size > 0 else 1 << 20)
        self._budget.spend(len(text))
        if _DECLARED.search(self._end + text):
            declared = Sentence(
                "其中含有文档类型或实体声明，表格软件不会写出这些；请用表格软件打开后重新保存",
                "has a document type or entities inside, which no spreadsheet writes; open it in a spreadsheet and save it again",
            )
            raise UnreadableFile(self._budget.path, declared)
        self._end = text[-_LONGEST_DECLARED:]
        runs = list(map(len, text.split(b"<")))
        if max(self._run + runs[0], *runs) > CELL_BYTES:
            cell = Sentence("有单元格超过 32,767 个字符", "a cell holds more than 32,767 characters")
            raise too_large(self._budget.path, cell)
        self._run = self._run + runs[0] if len(runs) == 1 else runs[-1]
        return text
