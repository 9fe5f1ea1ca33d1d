"""The gate's process: a Faust worker that takes messages of every source's topic, and acknowledges what is answered.

Faust acknowledges what fails inside a stream, so messages are taken without acknowledgement and acknowledged by hand,
and any error ends the process with a code other than 0: whoever supervises it starts it again, and it repeats what was
not acknowledged. SIGTERM ends it with code 0.
"""

from __future__ import annotations

import asyncio
import io
import logging
import signal
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir
from threading import Event
from typing import Any, Final

import faust
from mode import CrashingSupervisor

from connectors.clickhouse.client import connect
from connectors.clickhouse.gate_store import GateStore as StoreOfGate
from connectors.kafka import end_offsets
from connectors.sealing import Sealer
from connectors.settings import Settings
from projections.admission import ListCatalogue, Source
from projections.lists.lists import lists_of
from schemas import wire
from streams.gate.kafka_sink import KafkaSink
from streams.gate.port import GateStore
from streams.gate.submissions import Submission
from streams.gate.transport import fetch_promptly
from streams.gate.work import Gate
from streams.generations import demand_live, policy_of
from streams.logs import structured_logging
from streams.memory import collect_rarely
from streams.patience import Stopped
from streams.sources import load_sources
from streams.topics import ACTS, ACTS_PARTITIONS, GATE_GROUP, UNREGISTERED, source_of, submissions

log = logging.getLogger("xinji.gate")
_TAKE_MESSAGES: Final = 200
_TAKE_SECONDS: Final = 0.05
_SLICE_BYTES: Final = 2_000_000
_METRICS_SECONDS: Final = 10.0
_TALKATIVE: Final = ("aiokafka", "faust", "mode", "clickhouse_connect", "streams.gate.transport")


class NotConfigured(ValueError):
    """A setting that the gate needs is empty. ``setting`` is its environment variable."""

    def __init__(self, setting: str) -> None:
        self.setting = setting
        super().__init__(f"{setting} is not set; the gate needs it")


def run(settings: Settings) -> None:
    """Runs the gate until SIGTERM or SIGINT; always ends by SystemExit, code 0 when it was told to stop.

    Needs ``bootstrap`` and ``clickhouse``; without ``rejections_key`` it makes a key in the data directory. Raises
    NotConfigured, SourcesError, PolicyError, KeyProblem and ClickHouseProblem for what is wrong before it starts.
    """
    for setting in ("bootstrap", "clickhouse"):
        if not getattr(settings, setting):
            raise NotConfigured(f"XINJI_{setting.upper()}")
    with closing(connect(settings.clickhouse, settings.database)) as client:
        store = StoreOfGate(client, settings.database)
        run_with(settings, store, lists_of(policy_of(demand_live(store))))


def run_with(settings: Settings, store: GateStore, lists: ListCatalogue) -> None:
    """As ``run``, with a store and a catalogue of lists of the caller's."""
    signal.signal(signal.SIGTERM, _leave)  # until Faust's own handler is there
    sources = load_sources(settings.sources)
    stop = Event()
    gate = Gate(
        store,
        KafkaSink(settings.bootstrap),
        sources,
        lists,
        _sealer(settings),
        after_landing=settings.receipts_after_landing,
        stop=stop,
        clock=lambda: datetime.now(UTC),
    )
    app = build_app(settings, gate, sources)
    collect_rarely()
    _Worker(app, stop=stop, loglevel="INFO", redirect_stdouts=False, stdout=io.StringIO(), quiet=True).execute_from_commandline()


def build_app(settings: Settings, gate: Gate, sources: Mapping[str, Source]) -> faust.App:
    """The Faust app: one agent over the topics of all sources."""
    app = faust.App(
        GATE_GROUP,
        broker=f"kafka://{settings.bootstrap}",
        value_serializer="raw",
        key_serializer="raw",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        stream_wait_empty=False,
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=settings.session_timeout / 4,
        broker_commit_interval=0.5,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=8 * 1024 * 1024,
        stream_buffer_maxsize=2 * _TAKE_MESSAGES,
        autodiscover=False,
        datadir=str(Path(gettempdir()) / "xinji-gate"),
    )
    fetch_promptly(app)
    topics = app.topic(*(submissions(one) for one in (*sources, UNREGISTERED)), value_serializer="raw", key_serializer="raw")
    work = _Loop(settings.bootstrap, gate)

    async def assigned(*_: Any, **__: Any) -> None:
        work.recovered = False  # another gate may have died over these partitions

    app.on_partitions_assigned.connect(assigned, weak=False)

    async def admit(stream: Any) -> None:
        async for events in stream.noack_take(_TAKE_MESSAGES, within=_TAKE_SECONDS):
            for part in slices(events):
                if not await work.take([_submission(one) for one in part]):
                    return
                for one in part:
                    await stream.ack(one)

    app.agent(topics, name="gate", concurrency=1, supervisor_strategy=CrashingSupervisor)(admit)
    return app


class _Loop:
    """Carries takes from Faust's loop to the gate, which blocks, and counts."""

    def __init__(self, bootstrap: str, gate: Gate) -> None:
        self._bootstrap, self._gate = bootstrap, gate
        self._counts: Counter[str] = Counter()
        self._told = time.monotonic()
        self.recovered = False

    async def take(self, submissions: Sequence[Submission]) -> bool:
        """True when the messages may be acknowledged, False when the gate was told to stop."""
        try:
            counts = await asyncio.to_thread(self._take, submissions)
        except Stopped:
            return False
        self._counts += counts
        if time.monotonic() - self._told >= _METRICS_SECONDS:
            log.info("counts", extra={"counts": dict(self._counts), "messages": len(submissions)})
            self._told = time.monotonic()
        return True

    def _take(self, submissions: Sequence[Submission]) -> Counter[str]:
        while not self.recovered:
            self.recovered = True
            self._gate.recover(end_offsets(self._bootstrap, ACTS, range(ACTS_PARTITIONS)))
        return self._gate.take(submissions)


class _Worker(faust.Worker):
    """Lets a gate that waits (for ClickHouse, for landing) know that the process is told to stop."""

    def __init__(self, *args: Any, stop: Event, **options: Any) -> None:
        super().__init__(*args, **options)
        self._told_to_stop = stop

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


def slices(events: Sequence[Any]) -> Iterator[list[Any]]:
    """Events in their order, in parts of about _SLICE_BYTES, so that a take's statements fit into memory several times."""
    part: list[Any] = []
    size = 0
    for one in events:
        length = len(one.value or b"")
        if part and size + length > _SLICE_BYTES:
            yield part
            part, size = [], 0
        part.append(one)
        size += length
    if part:
        yield part


def _submission(event: Any) -> Submission:
    message = event.message
    headers = message.headers.items() if isinstance(message.headers, Mapping) else message.headers or ()
    print_of = next((value for name, value in headers if name == wire.FINGERPRINT_HEADER), None)
    return Submission(
        source_of(message.topic),
        message.topic,
        message.partition,
        message.offset,
        event.value or b"",
        print_of.decode("ascii", "replace") if print_of else None,
    )


def _leave(*_: object) -> None:
    raise SystemExit(0)


def _sealer(settings: Settings) -> Sealer:
    if settings.rejections_key is not None:
        return Sealer.from_file(settings.rejections_key)
    return Sealer.create_or_open(settings.data / "rejections.key")
