"""Reading the log: records of the topic ``acts`` as plain data, up to fixed positions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from connectors.kafka import consumer, end_offsets
from schemas.instants import moment
from schemas.log_record import LogRecord
from schemas.sentence import Sentence, Told
from streams.topics import ACTS

SILENCE_SECONDS = 30.0
_MANY = 64
_value_of = itemgetter(1)
_GATHER_SECONDS = 0.03
_LATEST = 200_000_000_000_000


class LogSilent(Told, RuntimeError):
    """The broker gave no record for a while although the log goes on."""

    says = Sentence(
        "{seconds:.0f} 秒没有收到记录，而 {topic} 的这些分区还没有读完：{missing}。请检查消息服务后重新运行",
        "no record for {seconds:.0f} s, but these partitions of {topic} are not read to their end: {missing}. Check the "
        "broker, then run the command again",
    )

    def __init__(self, missing: Mapping[int, int]) -> None:
        self.missing = dict(missing)
        super().__init__(seconds=SILENCE_SECONDS, topic=ACTS, missing=self.missing)


def log_record(message: Message) -> LogRecord:
    """A consumed message as plain data."""
    try:
        given: list[tuple[str, bytes]] = message.headers() or []  # type: ignore[assignment]
    except UnicodeDecodeError:  # names that are no text: whoever wrote it was not the gate, which is found by what is missing
        given = []
    headers = tuple(given) if all(map(_value_of, given)) else tuple((key, value or b"") for key, value in given)
    partition, offset, stamp = message.partition(), message.offset(), message.timestamp()[1]
    assert partition is not None
    assert offset is not None
    return LogRecord(
        partition,
        offset,
        message.key() or b"",
        message.value() or b"",
        headers,
        moment(stamp if 0 < stamp < _LATEST else 0),  # anything can stand there, also what is no time
    )


class LogShorter(Told, RuntimeError):
    """The log ends before what has landed in ClickHouse: its tail is lost. ``missing`` are records by partition."""

    says = Sentence(
        "主题 {topic} 的末尾短于 ClickHouse 中已落库的部分（各分区缺少：{missing}）：消息服务丢失了已确认的记录，或不是原来的服"
        "务。已全部停止：请从 act_log 或归档恢复该主题，或把 XINJI_BOOTSTRAP 指向有日志的服务",
        "the topic {topic} ends before what has landed in ClickHouse (records missing by partition: {missing}): the broker "
        "lost acknowledged records, or this is another broker. Nothing goes on: restore the topic from act_log or from an "
        "archive, or point XINJI_BOOTSTRAP at the broker that has the log",
    )

    def __init__(self, missing: Mapping[int, int]) -> None:
        self.missing = dict(missing)
        super().__init__(topic=ACTS, missing=self.missing)


class LogConsumer:
    """The log for one of several readers: a consumer group shares the partitions out, unless ``partitions`` are given.

    Positions are the caller's: ``start`` takes a function that is asked, whenever partitions come, from where each is to be
    read (0 where it does not say). Nothing is committed to the broker.
    """

    def __init__(
        self, bootstrap: str, group: str, *, member: str = "", partitions: Sequence[int] = (), session: float = 10.0
    ) -> None:
        self._bootstrap, self._fixed = bootstrap, tuple(partitions)
        named = {"group_instance_id": member} if member and not partitions else {}
        self._reader = consumer(
            bootstrap,
            group,
            queued_min_messages=100_000,
            fetch_wait_max_ms=20,
            session_timeout_ms=int(session * 1000),
            heartbeat_interval_ms=max(100, int(session * 1000 / 4)),
            partition_assignment_strategy="cooperative-sticky",
            **named,
        )
        self._starts: Callable[[], Mapping[int, int]] = dict
        self._problem: BaseException | None = None
        self.owned: set[int] = set()

    def start(self, starts: Callable[[], Mapping[int, int]]) -> None:
        """Begins to read. Raises what ``starts`` raises."""
        self._starts = starts
        if self._fixed:
            self._reader.assign(self._placed(self._fixed))
            self.owned = set(self._fixed)
        else:
            self._reader.subscribe([ACTS], on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked)

    def poll(self, most: int, wait: float) -> list[LogRecord]:
        """What is there at once, at most ``most`` records; waits ``wait`` seconds for the first. Raises KafkaException, and
        what ``starts`` raised when partitions came."""
        records = poll_batch(self._reader, most, wait)
        if self._problem is not None:
            raise self._problem
        return [one for one in records if one.partition in self.owned]

    def demand(self, landed: Mapping[int, int]) -> None:
        """Raises LogShorter where a partition ends before an offset that it must have reached."""
        ends = end_offsets(self._bootstrap, ACTS, landed)
        missing = {partition: offset - ends[partition] for partition, offset in landed.items() if ends[partition] < offset}
        if missing:
            raise LogShorter(missing)

    def close(self) -> None:
        self._reader.close()

    def _assigned(self, reader: Consumer, partitions: list[TopicPartition]) -> None:
        try:
            reader.incremental_assign(self._placed([one.partition for one in partitions]))
            self.owned |= {one.partition for one in partitions}
        except BaseException as problem:  # an exception in a callback would be lost in the client's thread
            self._problem = problem

    def _revoked(self, reader: Consumer, partitions: list[TopicPartition]) -> None:
        self.owned -= {one.partition for one in partitions}
        reader.incremental_unassign(partitions)

    def _placed(self, partitions: Iterable[int]) -> list[TopicPartition]:
        starts = self._starts()
        return [TopicPartition(ACTS, partition, starts.get(partition, 0)) for partition in partitions]


def consumer_at(bootstrap: str, starts: Mapping[int, int]) -> Consumer:
    """A consumer of the log assigned to these partitions at these offsets; commits nothing."""
    reader = consumer(bootstrap, "xinji-log-reader", queued_min_messages=100_000, fetch_wait_max_ms=20)
    reader.assign([TopicPartition(ACTS, partition, offset) for partition, offset in starts.items()])
    return reader


def poll_batch(reader: Consumer, most: int, wait: float) -> list[LogRecord]:
    """What is there at once, at most ``most`` records; waits ``wait`` seconds for the first. Where many come, the next ones are
    waited for a moment: what is done with a batch costs much by itself. Raises KafkaException."""
    first = reader.poll(wait)
    if first is None:
        return []
    messages = [first, *reader.consume(most - 1, 0.002)]
    if _MANY < len(messages) < most:
        messages += reader.consume(most - len(messages), _GATHER_SECONDS)
    return [log_record(_sound(message)) for message in messages]


def _sound(message: Message) -> Message:
    error: KafkaError | None = message.error()
    if error is not None:
        raise KafkaException(error)
    return message


def read_until(bootstrap: str, ends: Mapping[int, int], starts: Mapping[int, int] | None = None) -> Iterator[LogRecord]:
    """Every record of the log from ``starts`` (else the beginning) up to ``ends`` (exclusive), in the order of each
    partition. Raises LogSilent when the broker stops giving."""
    position = {partition: (starts or {}).get(partition, 0) for partition in ends}
    missing = {partition: end for partition, end in ends.items() if position[partition] < end}
    reader = consumer_at(bootstrap, {partition: position[partition] for partition in missing})
    deadline = time.monotonic() + SILENCE_SECONDS
    try:
        while missing:
            for record in poll_batch(reader, 10_000, 0.5):
                deadline = time.monotonic() + SILENCE_SECONDS
                if record.partition in missing and record.offset < missing[record.partition]:
                    yield record
                if record.offset + 1 >= missing.get(record.partition, record.offset + 2):
                    missing.pop(record.partition, None)
            if time.monotonic() > deadline:
                raise LogSilent(missing)
    finally:
        reader.close()
