"""The gate under Faust: one agent over the topics of all sources.

Faust acknowledges what fails inside a stream, so messages are taken without acknowledgement and acknowledged by hand. It
commits past what is not acknowledged when messages are acknowledged out of order (faust#606), so they never are:
concurrency is 1, nothing of an earlier assignment is acknowledged, and after a take that came to nothing no other begins
before everything is delivered again.
"""

from __future__ import annotations

import asyncio
import io
import logging
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Final

import faust
from mode import CrashingSupervisor

from schemas import wire
from schemas.about import ABOUT_HEADER
from streams.gate.app import Parts
from streams.gate.ownership import Disowned, Unknown, held_of_all
from streams.gate.submissions import INDEX_HEADER, Submission
from streams.gate.takes import TAKE_MESSAGES, TAKE_SECONDS, slices
from streams.gate.transport import fetch_promptly
from streams.logs import structured_logging
from streams.patience import Stopped
from streams.topics import GATE_GROUP, source_of

log = logging.getLogger("xinji.gate")
_LOOK_SECONDS: Final = 0.1
_TALKATIVE: Final = ("aiokafka", "faust", "mode", "clickhouse_connect", "streams.gate.transport")


def run_faust(parts: Parts) -> None:
    """Runs until SIGTERM or SIGINT; ends by SystemExit."""
    app = build_app(parts)
    quiet = parts.topics[-1]  # of the unregistered: least is committed there
    parts.owned.asked_by(lambda: _is_member(app, quiet, parts.settings.session_timeout))
    worker = _Worker(app, parts=parts, loglevel="INFO", redirect_stdouts=False, stdout=io.StringIO(), quiet=True)
    worker.execute_from_commandline()


def build_app(parts: Parts) -> faust.App:
    """The Faust app. Its own assignor gives partition p of every topic to the same member; Faust uses it only where
    standby replicas are set, tables or not."""
    settings = parts.settings
    app = faust.App(
        GATE_GROUP,
        broker=f"kafka://{settings.bootstrap}",
        value_serializer="raw",
        key_serializer="raw",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=1,
        stream_wait_empty=False,
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=settings.session_timeout / 4,
        broker_commit_interval=0.5,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=8 * 1024 * 1024,
        consumer_group_instance_id=settings.member or None,
        stream_buffer_maxsize=2 * TAKE_MESSAGES,
        autodiscover=False,
        datadir=str(Path(gettempdir()) / "xinji-gate"),
    )
    fetch_promptly(app)
    agent = Agent(parts)
    app.on_partitions_revoked.connect(agent.on_revoked, weak=False)
    app.on_partitions_assigned.connect(agent.on_assigned, weak=False)
    topics = app.topic(*parts.topics, value_serializer="raw", key_serializer="raw")
    app.agent(topics, name="gate", concurrency=1, supervisor_strategy=CrashingSupervisor)(agent.admit)
    return app


class Agent:
    """What Faust calls: with messages, and when partitions come and go."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._under_way: asyncio.Future[None] | None = None

    async def on_revoked(self, *_: Any, **__: Any) -> None:
        """Waits for the take that is under way, which ends at its next step, so that nobody gets the partitions before."""
        self._parts.owned.take_away()
        if self._under_way is not None:
            await asyncio.wait([self._under_way], timeout=self._parts.settings.session_timeout)

    async def on_assigned(self, *given: Any, **__: Any) -> None:
        assigned = given[-1]
        self._parts.owned.give(held_of_all(self._parts.topics, ((one.topic, one.partition) for one in assigned)))
        self._parts.ready.tell(self._parts.owned.held)

    async def admit(self, stream: Any) -> None:
        """Takes, and acknowledges in order what was answered. What an earlier assignment delivered is left alone: it is
        delivered again, here or elsewhere."""
        async for events in stream.noack_take(TAKE_MESSAGES, within=TAKE_SECONDS):
            owned, turn = self._parts.owned, self._parts.owned.turn
            mine = [
                one for one in (_Event(event, stream.app) for event in events) if one.is_current() and owned.holds(one.partition)
            ]
            for part in slices(mine):
                try:
                    await self._take([one.submission(self._parts.bus) for one in part])
                except Stopped:
                    return
                except Disowned:
                    await self._until_changed(turn)
                    break
                for one in part:
                    if not owned.changed_since(turn):
                        await stream.ack(one.event)

    async def _until_changed(self, turn: int) -> None:
        """What follows in the stream must not be acknowledged before what was left now, so nothing is taken until the group
        has given partitions anew, and with them everything that is not acknowledged. Raises Unknown when it does not."""
        log.info("partitions were taken away; the take is left to their next owner")
        patience = 2 * self._parts.settings.session_timeout
        deadline = time.monotonic() + patience
        while not self._parts.owned.changed_since(turn):
            if time.monotonic() > deadline:
                raise Unknown(patience)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _take(self, submissions: Sequence[Submission]) -> None:
        loop = asyncio.get_running_loop()
        self._under_way = loop.run_in_executor(None, self._parts.takes.take, submissions)
        try:
            await asyncio.shield(self._under_way)
        finally:
            self._under_way = None


class _Event:
    """An event of Faust's, of the assignment in which it was fetched."""

    def __init__(self, event: Any, app: Any) -> None:
        self.event, self._app = event, app

    @property
    def value(self) -> bytes:
        return self.event.value or b""

    @property
    def partition(self) -> int:
        return int(self.event.message.partition)

    def is_current(self) -> bool:
        return bool(self.event.message.generation_id == self._app.consumer_generation_id)

    def submission(self, bus: str) -> Submission:
        message = self.event.message
        headers = dict(message.headers.items() if isinstance(message.headers, Mapping) else message.headers or ())
        named = headers.get(wire.FINGERPRINT_HEADER)
        return Submission(
            source_of(message.topic),
            message.topic,
            message.partition,
            message.offset,
            self.value,
            named.decode("ascii", "replace") if named else None,
            headers.get(INDEX_HEADER),
            headers.get(ABOUT_HEADER),
            bus,
        )


def _is_member(app: Any, topic: str, seconds: float) -> bool:
    """Asks by committing again what is committed: the broker refuses it from whom it no longer counts."""
    consumer = app.consumer
    place = next((one for one in sorted(consumer.assignment()) if one.topic == topic), None)
    if place is None:
        return False
    asked = asyncio.run_coroutine_threadsafe(consumer._commit({place: consumer._committed_offset[place] or 0}), app.loop)
    try:
        return bool(asked.result(seconds))
    except TimeoutError:
        return False


class _Worker(faust.Worker):
    """Lets a gate that waits (for ClickHouse, for landing) know that the process is told to stop."""

    def __init__(self, *args: Any, parts: Parts, **options: Any) -> None:
        super().__init__(*args, **options)
        self._told_to_stop = parts.stop

    def _setup_logging(self) -> None:
        structured_logging()
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)

    def _on_sigterm(self) -> None:
        self._told_to_stop.set()
        super()._on_sigterm()

    def _on_sigint(self) -> None:
        self._told_to_stop.set()
        super()._on_sigint()
