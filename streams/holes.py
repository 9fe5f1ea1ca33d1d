"""A log of which rows are missing: nothing is made of it, and nobody is told that all is well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from schemas.ports import LogReader
from schemas.records import Hole
from schemas.sentence import Sentence, Told, names
from streams.topics import ACTS

_MOST_SHOWN: Final = 8


class LogHoles(Told, RuntimeError):
    """Rows of the log are missing: ``holes`` says which. No waiting mends it."""

    says = Sentence(
        "act_log 中缺少 {missing:,} 条日志记录（{shown}）；有 {told:,} 条回执所指的事件在其中。未作任何改动。请从有这些记录的备"
        "份恢复 ClickHouse 的表（docs/operations.md），并查明是谁删除了 act_log 的行",
        "{missing:,} records of the log are missing in act_log ({shown}); {told:,} receipts name events that stood there. "
        "Nothing was changed. Restore ClickHouse's tables from a back-up that has them (docs/operations.md), and find out who "
        "deleted rows of act_log",
    )

    lasting = True

    def __init__(self, holes: Sequence[Hole]) -> None:
        self.holes = tuple(holes)
        missing, told = sum(one.last - one.first + 1 for one in holes), sum(one.receipts for one in holes)
        shown = names(f"{ACTS}/{one.partition}/{one.first}-{one.last}" for one in holes[:_MOST_SHOWN])
        if len(holes) > _MOST_SHOWN:
            shown = Sentence("{shown} 等，另有 {more} 处", "{shown} and {more} more").of(shown=shown, more=len(holes) - _MOST_SHOWN)
        super().__init__(missing=missing, told=told, shown=shown)


def demand_whole(log: LogReader) -> None:
    """Raises LogHoles, and what the store raises."""
    if holes := log.holes():
        raise LogHoles(holes)
