"""A log of which rows are missing: nothing is made of it, and nobody is told that all is well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from schemas.ports import LogReader
from schemas.records import Hole
from streams.topics import ACTS

_MOST_SHOWN: Final = 8


class LogHoles(RuntimeError):
    """Rows of the log are missing: ``holes`` says which. No waiting mends it."""

    lasting = True

    def __init__(self, holes: Sequence[Hole]) -> None:
        self.holes = tuple(holes)
        missing, told = sum(one.last - one.first + 1 for one in holes), sum(one.receipts for one in holes)
        shown = ", ".join(f"{ACTS}/{one.partition}/{one.first}-{one.last}" for one in holes[:_MOST_SHOWN])
        more = f" and {len(holes) - _MOST_SHOWN} more" if len(holes) > _MOST_SHOWN else ""
        super().__init__(
            f"{missing:,} records of the log are missing in act_log ({shown}{more}); {told:,} receipts name events that stood "
            "there. Nothing was changed. Restore ClickHouse's tables from a back-up that has them (docs/operations.md), and find "
            "out who deleted rows of act_log"
        )


def demand_whole(log: LogReader) -> None:
    """Raises LogHoles, and what the store raises."""
    if holes := log.holes():
        raise LogHoles(holes)
