"""One take of the gate, from submissions to answers. Safe to repeat from the start after any crash."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Event
from typing import Final, TypeVar

from connectors.sealing import Sealer
from projections.admission import ListCatalogue, Source
from schemas.records import ReceiptRow, Statement
from streams.gate import answers
from streams.gate.core import Admitted, Decider, Judged, Outcome, Rejected, Repeated, confirm, examine
from streams.gate.port import GateStore, Sink
from streams.gate.submissions import Submission
from streams.gate.window import RecordedClock, Window
from streams.patience import Stopped, patiently
from streams.topics import ACTS_PARTITIONS

log = logging.getLogger("xinji.gate")
T = TypeVar("T")
_LONGEST_LANDING_WAIT: Final = 0.2
_SAY_AFTER: Final = 5.0
_LANDING_WAIT: Final = 0.02
_ORPHANS_SINCE: Final = timedelta(hours=1)
"""Statements that a crash left unanswered are of a gate's last take, so among the last that the log holds."""


class Gate:
    """The gate without its surroundings: give it submissions, and it returns once everything about them is safe.

    Not for several threads at once. ``clock`` gives the time in UTC. ``after_landing``: no outcome is issued before the
    acts that it names have landed in the store. Errors of the store that pass by themselves are waited out; any other
    error leaves the take unanswered, to be repeated after a restart.
    """

    def __init__(
        self,
        store: GateStore,
        sink: Sink,
        sources: Mapping[str, Source],
        lists: ListCatalogue,
        sealer: Sealer,
        *,
        after_landing: bool,
        stop: Event,
        clock: Callable[[], datetime],
        partitions: int = ACTS_PARTITIONS,
    ) -> None:
        self._store, self._sink, self._sources, self._lists, self._sealer = store, sink, sources, lists, sealer
        self._after_landing, self._stop, self._clock = after_landing, stop, clock
        self._window = Window()
        self._recorded = RecordedClock()
        self._decider = Decider(partitions, self._recorded)
        self._ask_again: dict[tuple[str, int], bool] = {}

    def recover(self, ends: Mapping[int, int]) -> None:
        """To be called before the first take, and after a rebalance, with the end offsets of ``acts``: waits until they
        have landed, then learns what was produced but never answered. Raises Stopped."""
        self._await_landing(ends)
        landed = self._patiently(lambda: self._store.progress("landed"))
        self._recorded.raise_to({partition: moment for partition, (_, moment) in landed.items()})
        latest = max((moment for _, moment in landed.values()), default=None)
        orphans = self._patiently(lambda: self._store.unanswered(latest - _ORPHANS_SINCE)) if latest is not None else []
        self._decider.adopt(orphans)
        self._ask_again.clear()
        log.info("recovered", extra={"ends": dict(ends), "unanswered": len(orphans)})

    def take(self, submissions: Sequence[Submission]) -> Counter[str]:
        """Decides and answers some messages, in their order. Counts outcomes by name (admitted, duplicate, and for
        rejections their reason). Raises Stopped, NotDelivered, ClickHouseProblem; then nothing may be acknowledged."""
        now = self._clock()
        examined = examine(submissions, self._sources, self._lists, now)
        outcomes = self._decider.decide(examined, self._known(examined), self._answered(examined), now)
        fresh = [one for one in outcomes if isinstance(one, Admitted) and not one.on_log]
        offsets = self._sink.deliver([answers.act_record(one) for one in fresh]) if fresh else {}
        outcomes = confirm(outcomes, offsets)
        self._window.add(one.statement for one in outcomes if isinstance(one, Admitted) and one.statement.event_id in offsets)
        if self._after_landing:
            self._await_landing(_ends(outcomes))
        return self._answer(outcomes, now)

    def _known(self, examined: Iterable[Judged | Rejected]) -> list[Statement]:
        judged = [one for one in examined if isinstance(one, Judged)]
        if not judged:
            return []
        # progress before the look-up: what had landed by then, the look-up finds; everything else is still in the window
        landed = self._patiently(lambda: self._store.progress("landed"))
        self._window.evict({partition: offset for partition, (offset, _) in landed.items()})
        keys = list(dict.fromkeys(one.act_key[1:] for one in judged))
        ids = list(dict.fromkeys(one.id_key for one in judged if one.id_key[1]))
        known = self._patiently(lambda: self._store.statements(keys))
        if ids:
            known = known + self._patiently(lambda: self._store.statements_by_source_event_id(ids))
        return known + self._window.statements()

    def _answered(self, examined: Sequence[Judged | Rejected]) -> dict[tuple[str, int], ReceiptRow]:
        """Earlier receipts. Batches are always asked for, since senders repeat them under their id. A message without a
        batch id comes again only after a restart, before the first that nobody answered."""
        asked: list[str] = []
        singles: dict[str, tuple[str, int]] = {}
        for batch_id, message in {one.item.batch_id: one.item.message for one in examined}.items():
            place = message.topic, message.partition
            if batch_id == message.own_id:
                if not self._ask_again.get(place, True):
                    continue
                singles[batch_id] = place
            asked.append(batch_id)
        counts = self._patiently(lambda: self._store.count_receipts(asked)) if asked else {}
        for batch_id, place in singles.items():
            self._ask_again[place] = batch_id in counts and self._ask_again.get(place, True)
        return {(row.batch_id, row.index): row for batch_id in asked if batch_id in counts for row in self._receipts(batch_id)}

    def _receipts(self, batch_id: str) -> list[ReceiptRow]:
        return self._patiently(lambda: self._store.read_receipts(batch_id))

    def _await_landing(self, ends: Mapping[int, int]) -> None:
        wait, waited = _LANDING_WAIT, 0.0
        while True:
            landed = self._patiently(lambda: self._store.progress("landed"))
            missing = {partition: end for partition, end in ends.items() if landed.get(partition, (0,))[0] < end}
            if not missing:
                return
            if waited >= _SAY_AFTER:
                log.warning("waiting for the projector to land the acts", extra={"missing": missing})
                waited = 0.0
            self._pause(wait)
            waited += wait
            wait = min(wait * 1.5, _LONGEST_LANDING_WAIT)

    def _answer(self, outcomes: Sequence[Outcome], now: datetime) -> Counter[str]:
        receipts = [answers.receipt(one, now) for one in outcomes]
        rejections = [answers.rejection(one, self._sealer, now) for one in outcomes if isinstance(one, Rejected)]
        if rejections:  # before the receipts: who sees a receipt of a rejection finds the rejection
            self._patiently(lambda: self._store.write_rejections(rejections))
        if receipts:
            self._patiently(lambda: self._store.write_receipts(receipts))
        records = [*answers.receipt_records(receipts, [one.item.message.source_id for one in outcomes])]
        records += map(answers.rejection_record, rejections)
        if records:
            self._sink.deliver(records)
        return Counter(row.reason or row.outcome for row in receipts)

    def _patiently(self, action: Callable[[], T]) -> T:
        return patiently(action, self._stop)

    def _pause(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise Stopped


def _ends(outcomes: Iterable[Outcome]) -> dict[int, int]:
    """Per partition, the offset behind the last act that outcomes name."""
    ends: dict[int, int] = {}
    for one in outcomes:
        if isinstance(one, Admitted | Repeated):
            said = one.statement if isinstance(one, Admitted) else one.first
            ends[said.partition] = max(ends.get(said.partition, 0), said.offset + 1)
    return ends
