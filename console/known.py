"""What the log knows of the acts of a file before it is pushed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from threading import Event
from typing import Final

from connectors.clickhouse.errors import ClickHouseProblem
from connectors.clickhouse.gate_store import GateStore
from connectors.files import ReadRow
from projections.admission import New, decide_repeat
from schemas.records import Found
from streams.gate.window import Memory

_TOGETHER: Final = 1000
_BYTES: Final = 4_000_000
_AGAIN_SECONDS: Final = 0.5

LookUp = Callable[[set[tuple[str, str]], set[tuple[str, str]]], Found]
"""Of acts (subject_id, act_id) and ids (source_id, source_event_id): the statements that are known."""


def look_up_in(store: GateStore, patience: float) -> LookUp:
    """Asks the store, and again for ``patience`` seconds while it is away."""
    pause = Event()

    def look_up(acts: set[tuple[str, str]], ids: set[tuple[str, str]]) -> Found:
        until = time.monotonic() + patience
        while True:
            try:
                return store.look_up(acts, ids, (), progress=False)
            except ClickHouseProblem as problem:
                if not problem.transient or time.monotonic() > until:
                    raise
                pause.wait(_AGAIN_SECONDS)

    return look_up


def together(rows: Iterator[ReadRow]) -> Iterator[list[ReadRow]]:
    """Rows in their order, about as many as one question is asked of, and as memory bears."""
    some: list[ReadRow] = []
    size = 0
    for row in rows:
        some.append(row)
        size += sum(len(one.item["value"]) for one in row.items)
        if len(some) >= _TOGETHER or size >= _BYTES:
            yield some
            some, size = [], 0
    if some:
        yield some


def restating(rows: Sequence[ReadRow], look_up: LookUp) -> list[bool]:
    """Of each row that states an act: whether the log knows the act from the same source with other content."""
    said = [[one.said for one in row.items if one.said is not None] for row in rows]
    making = [every if every and every[0].makes_act else [] for every in said]
    acts = {(one.subject_id, one.act_id) for every in making for one in every}
    ids = {(one.source_id, one.source_event_id) for every in making for one in every if one.source_event_id}
    memory = Memory(look_up(acts, ids).statements) if acts else Memory()
    found = []
    for row, every in zip(rows, making, strict=True):
        restates = row.restates
        for one in every:
            about = memory.about((one.source_id, one.subject_id, one.act_id))
            with_id = memory.with_id((one.source_id, one.source_event_id))
            verdict = decide_repeat(one.event, one.digest, one.source_event_id, about, with_id)
            restates = restates or (isinstance(verdict, New) and any(known.event == one.event for known in about))
        found.append(restates)
    return found
