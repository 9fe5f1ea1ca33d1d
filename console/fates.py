"""What became of each row that was sent: its statements' receipts, gathered. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.clickhouse.refusals import Answer

RECEIVED: Final = "received"
ADMITTED: Final = "admitted"
DUPLICATE: Final = "duplicate"
REJECTED: Final = "rejected"
UNANSWERED: Final = "unanswered"
STATES: Final = (ADMITTED, DUPLICATE, REJECTED, UNANSWERED)
"""In the order in which they are told."""
_NUMBER: Final = re.compile(r"(.*?)(\d+)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fate:
    """A row, by the place that its sender gave, else by batch and index. ``statements``: the receipts of the last time that it
    was sent; none for one that is unanswered."""

    source_id: str
    place: str
    state: str
    statements: tuple[Answer, ...] = ()


def fates(answers: Iterable[Answer], missing: Iterable[tuple[str, str, int]] = ()) -> list[Fate]:
    """Rows in the order of their places, then what has no receipt yet (source, batch, index). A row that was sent several times
    counts as it was answered last."""
    rows: dict[tuple[str, str], list[Answer]] = {}
    for one in answers:
        rows.setdefault((one.source_id, one.origin or f"{one.batch_id}/{one.index}"), []).append(one)
    found = [_fate(source, place, given) for (source, place), given in rows.items()]
    found.sort(key=lambda one: (one.source_id, *_order(one.place)))
    return found + [Fate(source, f"{batch}/{index}", UNANSWERED) for source, batch, index in missing]


def _fate(source_id: str, place: str, given: Sequence[Answer]) -> Fate:
    last = max(given, key=lambda one: (one.received_at, one.batch_id)).batch_id
    statements = tuple(sorted((one for one in given if one.batch_id == last), key=lambda one: one.index))
    return Fate(source_id, place, state_of(statements), statements)


def state_of(statements: Sequence[Answer]) -> str:
    """A row is admitted when all events made from it are on the log and one of them is new (semantics, section 5)."""
    outcomes = {one.outcome for one in statements}
    if REJECTED in outcomes:
        return REJECTED
    return DUPLICATE if outcomes == {DUPLICATE} else ADMITTED


def counted(found: Iterable[Fate]) -> dict[str, int]:
    """How many rows were received, and how many are in each state."""
    counts = Counter(one.state for one in found)
    return {RECEIVED: sum(counts.values()) - counts[UNANSWERED]} | {state: counts[state] for state in STATES}


def _order(place: str) -> tuple[str, int]:
    found = _NUMBER.match(place)
    return (found[1], int(found[2])) if found else (place, 0)
