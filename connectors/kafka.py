"""Kafka clients with this product's settings: producer, consumer, topics, and where a partition truly ends.

Everything here speaks plain Kafka protocol and works on Apache Kafka and on the embedded bus alike.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from threading import Event

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from schemas.sentence import Sentence, Told

DEADLINE_SECONDS = 30.0
POLL_SECONDS = 0.5
_RETRY_SECONDS = 0.1
_PASSING = (KafkaError.LEADER_NOT_AVAILABLE, KafkaError.NOT_LEADER_FOR_PARTITION)
# settings whose own names have underscores
_AS_IS = re.compile(r"log_level|logger|on_\w+|\w+_cb")


class TopicsNotCreated(Told):
    """Topics that could not be created or have another number of partitions, with the reason for each."""

    says = Sentence(
        "{bootstrap} 上有主题未能创建：{listed}。请排除所列原因后重新创建",
        "Topics not created on {bootstrap}: {listed}. Mend the named cause and create them again.",
    )

    def __init__(self, bootstrap: str, reasons: Mapping[str, str]) -> None:
        listed = "; ".join(f"{topic}: {reason}" for topic, reason in reasons.items())
        super().__init__(bootstrap=bootstrap, listed=listed)
        self.bootstrap = bootstrap
        self.reasons = dict(reasons)


class EndOffsetUnknown(Told):
    """The broker did not say (in time) where these partitions of the topic end."""

    says = Sentence(
        "主题 {topic}：不知道分区 {partitions} 的末尾位置（{reason}）。请确认消息服务已启动、分区存在且有主副本",
        "Topic {topic}: the end offset of partitions {partitions} is not known ({reason}). Check that the broker is up and "
        "that the partitions exist and have a leader.",
    )

    def __init__(self, topic: str, partitions: Iterable[int], reason: str) -> None:
        self.topic = topic
        self.partitions = sorted(partitions)
        super().__init__(topic=topic, partitions=self.partitions, reason=reason)


def producer(bootstrap: str, **overrides: object) -> Producer:
    """A producer whose delivered records are safe: acks=all and idempotence, keys partitioned as Java clients do.

    Overrides use underscores for dots (``linger_ms=0``). The caller checks delivery reports. Raises KafkaException for
    settings librdkafka refuses.
    """
    settings = {
        "bootstrap.servers": bootstrap,
        "acks": "all",
        "enable.idempotence": True,
        # librdkafka's own default puts most keys elsewhere than Java's and aiokafka's clients
        "partitioner": "murmur2_random",
        "linger.ms": 5,
        "log.connection.close": False,
    }
    return Producer(settings | _dotted(overrides))


def consumer(bootstrap: str, group: str, **overrides: object) -> Consumer:
    """A consumer that commits only when told to, and never skips silently: a lost position is an error.

    Overrides use underscores for dots. Raises KafkaException for settings librdkafka refuses.
    """
    settings = {
        "bootstrap.servers": bootstrap,
        "group.id": group,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "error",
        "log.connection.close": False,
    }
    return Consumer(settings | _dotted(overrides))


def create_topics(
    bootstrap: str,
    topics: Mapping[str, int],
    *,
    config: Mapping[str, Mapping[str, str]] | None = None,
    replication: int = 1,
) -> None:
    """Create the topics (name to number of partitions) that don't exist yet, each with its own config.

    A topic that exists is left as it is, its config too; one with another number of partitions is an error, because
    keys would lie elsewhere. Raises TopicsNotCreated.
    """
    admin = AdminClient({"bootstrap.servers": bootstrap, "log.connection.close": False})
    wanted = [
        NewTopic(topic, partitions, replication, config=dict((config or {}).get(topic, {}))) for topic, partitions in topics.items()
    ]
    reasons: dict[str, str] = {}
    if not wanted:
        return
    for topic, future in admin.create_topics(wanted, operation_timeout=DEADLINE_SECONDS).items():
        try:
            future.result(DEADLINE_SECONDS)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                reasons[topic] = str(error.args[0])
    found = _await_partitions(admin, [topic for topic in topics if topic not in reasons])
    for topic, partitions in found.items():
        if partitions != topics[topic]:
            reasons[topic] = f"it has {partitions} partitions, not {topics[topic]}"
    if reasons:
        raise TopicsNotCreated(bootstrap, reasons)


def count_partitions(bootstrap: str, topics: Iterable[str], *, seconds: float = DEADLINE_SECONDS) -> dict[str, int]:
    """How many partitions topics have; 0 for one that does not exist. Raises KafkaException when no broker answers in time."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "log.connection.close": False, "log_level": 0})
    known = admin.list_topics(timeout=seconds).topics
    return {topic: len(known[topic].partitions) if topic in known else 0 for topic in topics}


def cluster_id(bootstrap: str, *, seconds: float = DEADLINE_SECONDS) -> str:
    """What names a cluster for its whole life; of a bus in memory, each start of it. Raises KafkaException."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "log.connection.close": False, "log_level": 0})
    return str(admin.list_topics(timeout=seconds).cluster_id)


def end_offsets(bootstrap: str, topic: str, partitions: Iterable[int], *, seconds: float = DEADLINE_SECONDS) -> dict[int, int]:
    """The offset behind the last record of each partition, 0 for an empty one that never had any.

    ListOffsets' latest is only where the search starts: the embedded bus answers the first offset of the last batch.
    From there each partition is read to its end, as told by the fetch response. Raises EndOffsetUnknown when a
    partition isn't at its end within these seconds, or doesn't exist.
    """
    wanted = sorted(set(partitions))
    deadline = time.monotonic() + seconds
    ends: dict[int, int] = {}
    reader = consumer(
        bootstrap, "end-offsets", enable_partition_eof=True, fetch_wait_max_ms=50, isolation_level="read_uncommitted", log_level=0
    )
    try:
        starts = [TopicPartition(topic, number, _latest(reader, topic, number, deadline)) for number in wanted]
        reader.assign(starts)
        reason = "no answer"
        while len(ends) < len(wanted) and time.monotonic() < deadline:
            message = reader.poll(min(POLL_SECONDS, max(0.0, deadline - time.monotonic())))
            error = message.error() if message is not None else None
            if message is None or error is None:
                continue
            if error.code() == KafkaError._PARTITION_EOF:
                ends[_known(message.partition())] = _known(message.offset())
            else:
                reason = str(error)
    finally:
        reader.close()
    if len(ends) < len(wanted):
        raise EndOffsetUnknown(topic, set(wanted) - set(ends), f"{reason} within {seconds:g} s")
    return ends


def _latest(reader: Consumer, topic: str, number: int, deadline: float) -> int:
    """Asked again until the deadline while the answer is an error: a new partition has no leader for a moment."""
    pause = Event()
    while True:
        left = max(0.1, deadline - time.monotonic())
        try:
            marks = reader.get_watermark_offsets(TopicPartition(topic, number), timeout=left)
            break
        except KafkaException as error:
            if time.monotonic() > deadline or error.args[0].code() not in _PASSING:
                raise EndOffsetUnknown(topic, [number], str(error.args[0])) from error
            pause.wait(_RETRY_SECONDS)
    if marks is None:
        raise EndOffsetUnknown(topic, [number], f"no answer to ListOffsets in {left:g} s")
    return int(marks[1])


def _await_partitions(admin: AdminClient, topics: list[str]) -> dict[str, int]:
    """Partitions of each topic, waiting until the broker's metadata shows them: creation is answered before that."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        known = admin.list_topics(timeout=DEADLINE_SECONDS).topics
        found = {topic: len(known[topic].partitions) for topic in topics if topic in known}
        if all(found.get(topic) for topic in topics) or time.monotonic() > deadline:
            return {topic: found.get(topic, 0) for topic in topics}


def _known(value: int | None) -> int:
    if value is None:
        raise ValueError("an end-of-partition event without partition or offset")
    return value


def _dotted(overrides: Mapping[str, object]) -> dict[str, object]:
    return {name if _AS_IS.fullmatch(name) else name.replace("_", "."): value for name, value in overrides.items()}
