"""One take of the gate, from submissions to answers. Safe to repeat from the start after any crash."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Event
from typing import Final, TypeVar

from connectors.sealing import Sealer
from projections.admission import Rules, Source
from schemas.records import Found, Positions, Statement
from schemas.sentence import Sentence, Told
from streams.gate import answers
from streams.gate.core import Decider, confirm, examine
from streams.gate.landing import Landing
from streams.gate.outcomes import Admitted, Judged, Outcome, Rejected, Repeated
from streams.gate.ownership import AllPartitions, Disowned, Ownership
from streams.gate.passing import passing_records
from streams.gate.port import GateStore, Sink
from streams.gate.submissions import Submission
from streams.gate.window import Memory, RecordedClock, Window
from streams.patience import Stopped, patiently
from streams.space import Room
from streams.topics import ACTS, ACTS_PARTITIONS

log = logging.getLogger("xinji.gate")
T = TypeVar("T")
WINDOW: Final = 100_000
_ROOM_WAIT: Final = 0.25
_ORPHANS_SINCE: Final = timedelta(hours=1)
"""Statements that a crash left unanswered are of a gate's last take, so among the last that a partition holds."""


class LogTailLost(Told, RuntimeError):
    """The log ends before what has landed: ``partition``, its ``end``, and the ``landed`` position."""

    says = Sentence(
        "{topic}/{partition} 止于 {end}，而 ClickHouse 已有到 {landed} 的记录：日志末尾丢失，为免位移重复已停止接收。请从副本或"
        "归档恢复该主题（嵌入式环境重新启动即会补回），再启动接收程序",
        "{topic}/{partition} ends at {end}, but ClickHouse holds it up to {landed}: the end of the log is lost, and admission "
        "stops before offsets are given twice. Restore the topic from a replica or the archive (or, on the embedded stack, "
        "start it again, which refills the bus), then start the gate",
    )

    def __init__(self, partition: int, end: int, landed: int) -> None:
        self.partition, self.end, self.landed = partition, end, landed
        super().__init__(topic=ACTS, partition=partition, end=end, landed=landed)


class Gate:
    """The gate without its surroundings: give it submissions, and it returns once everything about them is safe.

    Not for several threads at once. ``clock`` gives the time in UTC. ``after_landing``: no outcome is issued before the
    acts that it names have landed in the store. ``owned``: the partitions of the log that it may write to (all, when
    None). ``window``: how many acts may wait for landing before admission does. ``least_free``: bytes of the store's disk
    below which admission waits. Errors of the store that pass by themselves are waited out; any other error leaves the take
    unanswered, to be repeated after a restart.
    """

    def __init__(
        self,
        store: GateStore,
        sink: Sink,
        sources: Mapping[str, Source],
        rules: Rules,
        sealer: Sealer,
        *,
        after_landing: bool,
        stop: Event,
        clock: Callable[[], datetime],
        owned: Ownership | None = None,
        partitions: int = ACTS_PARTITIONS,
        window: int = WINDOW,
        least_free: int = 0,
    ) -> None:
        self._store, self._sink, self._sources, self._rules, self._sealer = store, sink, sources, rules, sealer
        self._after_landing, self._stop, self._clock = after_landing, stop, clock
        self._owned = owned or AllPartitions(partitions)
        self._partitions, self._most = partitions, window
        self._room = Room(lambda: self._patiently(store.free_space), least_free)
        self._window = Window()
        self._recorded = RecordedClock()
        self._decider = Decider(self._recorded)
        self._landing = Landing(self._progress, self._pause)
        self._landed: dict[int, int] = {}
        self._ask_again: dict[tuple[str, int], bool] = {}

    @property
    def waiting(self) -> int:
        """The acts that wait for landing."""
        return len(self._window)

    def recover(self, ends_of: Callable[[Iterable[int]], Mapping[int, int]]) -> None:
        """To be called before a take whenever partitions were given: forgets what was known of them, waits until the log
        up to its end (``ends_of``) has landed, then learns what was produced but never answered. Raises Stopped,
        Disowned, LogTailLost."""
        turn, new = self._owned.unrecovered()
        if not new:
            return
        self._forget([one for one in range(self._partitions) if one in new or not self._owned.holds(one)])
        ends = ends_of(new)
        landed = self._landing.await_(ends, lambda: self._owned.require(turn), produced=False)
        if ahead := [one for one in new if one in landed and landed[one][0] > ends[one]]:
            _check_tails(ends_of(ahead), landed)  # what had landed by now stood on the log before this second look
        mine = {one: moment for one, (_, moment) in landed.items() if one in new}
        self._recorded.raise_to(mine)
        since = {one: moment - _ORPHANS_SINCE for one, moment in mine.items()}
        orphans = self._patiently(lambda: self._store.unanswered(since)) if since else []
        self._owned.recovered(turn, new)
        self._landed |= {one: landed[one][0] for one in mine}
        self._decider.adopt(orphans)
        log.info("recovered", extra={"ends": dict(ends), "unanswered": len(orphans)})

    def _forget(self, partitions: Iterable[int]) -> None:
        for one in partitions:
            self._window.drop(one)
            self._decider.drop(one)
            self._landed.pop(one, None)
        self._ask_again.clear()

    def take(self, submissions: Sequence[Submission]) -> Counter[str]:
        """Decides and answers some messages, in their order. Counts outcomes by name (admitted, duplicate, passed_on, and
        for rejections their reason). Raises Stopped, Disowned, NotDelivered, LogTailLost, ClickHouseProblem; then nothing
        may be acknowledged."""
        turn, now = self._owned.turn, self._clock()
        if not all(self._owned.holds(one.partition) for one in submissions):
            raise Disowned
        examined = examine(submissions, self._sources, self._rules, now, self._partitions)
        self._make_room(len(examined), turn)
        found = self._look_up(examined)
        self._owned.require(turn)
        outcomes = self._decider.decide(
            examined,
            Memory(found.statements, self._window),
            {(row.source_id, row.batch_id, row.index, row.bus): row for row in found.receipts},
            now,
            self._owned.holds,
        )
        outcomes = self._produce(outcomes, turn)
        if self._after_landing and (ends := _ends(outcomes)):
            self._note(self._landing.await_(ends, lambda: self._owned.require(turn)))
        return self._answer(outcomes, now, turn)

    def _produce(self, outcomes: list[Outcome], turn: int) -> list[Outcome]:
        fresh = [one for one in outcomes if isinstance(one, Admitted) and not one.on_log]
        records = [answers.act_record(one) for one in fresh]
        records += passing_records(outcomes)
        if not records:
            return outcomes
        self._owned.confirm(turn)
        offsets = self._sink.deliver(records)
        for one in fresh:
            if offsets[one.statement.event_id] < self._landed.get(one.statement.partition, 0):
                said = one.statement
                raise LogTailLost(said.partition, offsets[said.event_id], self._landed[said.partition])
        self._owned.require(turn)
        outcomes = confirm(outcomes, offsets)
        self._window.add(one.statement for one in outcomes if isinstance(one, Admitted) and one.statement.event_id in offsets)
        return outcomes

    def _make_room(self, coming: int, turn: int) -> None:
        """Waits while too many acts have not landed, which must be kept here, and while the store's disk is nearly full."""
        self._window.evict(self._landed)
        waited = ""
        while why := self._why_wait(coming):
            if why != waited:
                log.warning(why, extra={"window": len(self._window)})
                waited = why
            self._pause(_ROOM_WAIT)
            self._owned.require(turn)
            self._note(self._progress())
            self._window.evict(self._landed)

    def _why_wait(self, coming: int) -> str:
        if len(self._window) and len(self._window) + coming > self._most:
            return "admission waits for the projector to land acts"
        return "admission waits: the disk of ClickHouse is nearly full (XINJI_FREE_SPACE)" if self._room.is_short() else ""

    def _look_up(self, examined: Sequence[Judged | Rejected]) -> Found:
        """Only what had landed before the look-up began may leave the window by then, hence the progress of the last one."""
        judged = [one for one in examined if isinstance(one, Judged) and self._owned.holds(one.partition)]
        acts = dict.fromkeys([one.act_key[1:] for one in judged])
        ids = dict.fromkeys([one.id_key for one in judged if one.id_key[1]])
        batches = self._to_ask(examined)
        if not acts and not batches:
            return Found([], [], {})
        found = self._patiently(lambda: self._store.look_up(acts, ids, batches, progress=len(self._window) > 0))
        self._note(found.landed)
        answered = {(row.source_id, row.batch_id, row.bus) for row in found.receipts}
        for one in examined:
            message = one.item.message
            place = message.topic, message.partition
            if one.item.batch_id == message.own_id and self._ask_again.get(place, True):
                self._ask_again[place] = (one.item.sender, one.item.batch_id, one.item.bus) in answered
        return found

    def _to_ask(self, examined: Sequence[Judged | Rejected]) -> list[tuple[str, str]]:
        """Batches of which receipts may stand there. Senders repeat batches under their id; a message without a batch id
        comes again only after a restart, before the first that nobody answered."""
        seen: dict[tuple[str, str], Submission] = {(one.item.sender, one.item.batch_id): one.item.message for one in examined}
        return [
            key
            for key, message in seen.items()
            if key[1] != message.own_id or self._ask_again.get((message.topic, message.partition), True)
        ]

    def _answer(self, outcomes: Sequence[Outcome], now: datetime, turn: int) -> Counter[str]:
        receipts = [row for one in outcomes if (row := answers.receipt(one, now)) is not None]
        rejections = [answers.rejection(one, self._sealer, now) for one in outcomes if isinstance(one, Rejected)]
        closings = answers.closings(outcomes, now)
        new_ids = [one.first._replace(source_event_id=one.new_id) for one in outcomes if isinstance(one, Repeated) and one.new_id]
        self._owned.require(turn)
        if new_ids:  # before the receipts: who sees a receipt of a duplicate finds its id used
            self._patiently(lambda: self._store.remember_ids(new_ids))
        if rejections:  # likewise
            self._patiently(lambda: self._store.write_rejections(rejections))
        if closings:
            self._patiently(lambda: self._store.write_closings(closings))
        if receipts:
            self._patiently(lambda: self._store.write_receipts(receipts))
        records = [*answers.receipt_records(receipts), *map(answers.rejection_record, rejections)]
        if records:
            self._sink.deliver(records)
        self._decider.settle(outcomes)
        counts = Counter(row.reason or row.outcome for row in receipts)
        if passed := len(outcomes) - len(receipts):
            counts["passed_on"] = passed
        return counts

    def _progress(self) -> Positions:
        return self._patiently(lambda: self._store.progress("landed"))

    def _note(self, landed: Positions) -> None:
        self._landed |= {partition: offset for partition, (offset, _) in landed.items() if self._owned.holds(partition)}

    def _patiently(self, action: Callable[[], T]) -> T:
        return patiently(action, self._stop)

    def _pause(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise Stopped


def _check_tails(ends: Mapping[int, int], landed: Positions) -> None:
    for partition, end in ends.items():
        if landed[partition][0] > end:
            raise LogTailLost(partition, end, landed[partition][0])


def _ends(outcomes: Iterable[Outcome]) -> dict[int, int]:
    """Per partition, the offset behind the last act that outcomes name."""
    ends: dict[int, int] = {}
    for one in outcomes:
        if isinstance(one, Admitted | Repeated):
            said: Statement = one.statement if isinstance(one, Admitted) else one.first
            if said.offset >= ends.get(said.partition, 0):
                ends[said.partition] = said.offset + 1
    return ends
