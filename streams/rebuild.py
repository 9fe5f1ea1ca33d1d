"""Rebuild: write all projections anew in another database beside the live ones, then exchange the tables.

The live projector goes on meanwhile. What it projected after the rebuild's position is evaluated again right after the
exchange; rows that know more win, so the order of the two does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from projections.sql import REBUILT_TABLES
from schemas.ports import Store
from schemas.records import StoredEvent
from streams.evaluation import Evaluator
from streams.projector.core import decoded, write_rows, write_subjects

SUBJECTS_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was done: subjects and events evaluated, subjects that moved on meanwhile and were evaluated again."""

    subjects: int
    events: int
    again: int


def rebuild(live: Store, beside: Store, beside_database: str, evaluator: Evaluator, tell: Callable[[int], None]) -> Rebuilt:
    """Builds everything that has landed into ``beside`` (its tables exist and are empty), exchanges, catches up.

    ``tell`` is called with the number of subjects done. Raises what the stores raise; the live tables are untouched until
    the exchange.
    """
    position = {partition: offset for partition, (offset, _) in live.progress("landed").items()}
    subjects = events = 0
    for chunk in _chunks(live.all_events(before=position)):
        write_rows(beside, (evaluator.rows(one, [decoded(event) for event in about]) for one, about in chunk))
        subjects += len(chunk)
        events += sum(len(about) for _, about in chunk)
        tell(subjects)
    live.exchange_with(beside_database, REBUILT_TABLES)
    moved = list(dict.fromkeys(event.subject_id for event in live.all_events(after=position)))
    write_subjects(live, evaluator, moved)
    return Rebuilt(subjects, events, len(moved))


def _chunks(events: Iterable[StoredEvent]) -> Iterator[Sequence[tuple[str, list[StoredEvent]]]]:
    """Events of a subject together, some subjects at a time."""
    chunk: list[tuple[str, list[StoredEvent]]] = []
    for subject_id, about in groupby(events, key=lambda one: one.subject_id):
        chunk.append((subject_id, list(about)))
        if len(chunk) >= SUBJECTS_AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
