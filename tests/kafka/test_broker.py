"""What the product expects of Kafka holds on Apache Kafka's own broker: what it acknowledged survives SIGKILL."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

import pytest
from confluent_kafka import (
    TIMESTAMP_CREATE_TIME,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from tests.kafka.broker import Broker
from tests.kafka.jars import MissingTool, java

pytestmark = pytest.mark.kafka

PARTITIONS = 3
RECORDS = 300
# admitted from 2019 on; older than the default retention of a week on purpose
FIRST_TIME_MS = 1_562_630_400_000


@dataclass(frozen=True)
class Record:
    partition: int
    offset: int
    timestamp: tuple[int, int]
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, str | bytes | None], ...]


def _topic(broker: Broker) -> str:
    name = f"acts-{uuid.uuid4().hex[:8]}"
    settings = {"message.timestamp.type": "CreateTime", "retention.ms": "-1", "cleanup.policy": "delete"}
    topic = NewTopic(name, PARTITIONS, 1, config=settings)
    # a client that is collected before the answer came makes the future fail
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    admin.create_topics([topic])[name].result(30)
    return name


def _record(message: Message) -> Record:
    error = message.error()
    assert error is None, error
    partition, offset, headers = message.partition(), message.offset(), message.headers() or []
    assert partition is not None and offset is not None and isinstance(headers, list)
    return Record(partition, offset, message.timestamp(), message.key(), message.value(), tuple(headers))


def _produce(broker: Broker, topic: str) -> list[Record]:
    delivered: list[Record] = []
    producer = Producer(
        {"bootstrap.servers": broker.bootstrap, "acks": "all", "enable.idempotence": True, "partitioner": "murmur2_random"}
    )
    for number in range(RECORDS):
        subject = f"subject-{number % 40}".encode()
        headers: list[tuple[str, str | bytes | None]] = [
            ("ce_id", f"event-{number}".encode()),
            ("ce_source", "枣庄示例市场监督管理局".encode()),
        ]
        producer.produce(
            topic,
            key=subject,
            value=f"value {number}".encode(),
            headers=headers,
            timestamp=FIRST_TIME_MS + number * 60_000,
            on_delivery=lambda error, message: delivered.append(_record(message)) if not error else None,
        )
    assert producer.flush(30) == 0
    assert len(delivered) == RECORDS
    return sorted(delivered, key=lambda record: (record.partition, record.offset))


def _read(broker: Broker, topic: str) -> list[Record]:
    consumer = Consumer(
        {
            "bootstrap.servers": broker.bootstrap,
            "group.id": "reads-everything",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    read: list[Record] = []
    ended: set[int | None] = set()
    deadline = time.monotonic() + 30
    try:
        consumer.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])
        while len(ended) < PARTITIONS:
            assert time.monotonic() < deadline, f"{len(read)} records and {len(ended)} ends in 30 seconds"
            message = consumer.poll(1.0)
            if message is None:
                continue
            error = message.error()
            if error is not None and error.code() == KafkaError._PARTITION_EOF:
                ended.add(message.partition())
            else:
                read.append(_record(message))
    finally:
        consumer.close()
    return sorted(read, key=lambda record: (record.partition, record.offset))


def test_what_was_acknowledged_is_there_as_it_was_after_sigkill(kafka: Broker) -> None:
    topic = _topic(kafka)
    bootstrap = kafka.bootstrap
    produced = _produce(kafka, topic)
    before = _read(kafka, topic)

    kafka.kill()
    assert not kafka.running
    kafka.restart()

    assert kafka.bootstrap == bootstrap
    after = _read(kafka, topic)
    assert after == before
    assert [(each.partition, each.offset) for each in after] == [(each.partition, each.offset) for each in produced]
    assert {each.value: each.timestamp for each in after} == {
        f"value {number}".encode(): (TIMESTAMP_CREATE_TIME, FIRST_TIME_MS + number * 60_000) for number in range(RECORDS)
    }
    assert {each.headers[1] for each in after} == {("ce_source", "枣庄示例市场监督管理局".encode())}
    for partition in range(PARTITIONS):
        offsets = [each.offset for each in after if each.partition == partition]
        assert offsets == list(range(len(offsets)))


def test_an_orderly_restart_keeps_the_records_and_takes_new_ones_after_them(kafka: Broker) -> None:
    topic = _topic(kafka)
    _produce(kafka, topic)
    before = _read(kafka, topic)

    kafka.restart()

    _produce(kafka, topic)
    after = _read(kafka, topic)
    assert len(after) == 2 * RECORDS
    assert set(before) < set(after)


def test_no_topic_comes_into_being_by_being_used(kafka: Broker) -> None:
    failures: list[KafkaError | None] = []
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "message.timeout.ms": 1000})
    producer.produce("never-created", value=b"", on_delivery=lambda error, _message: failures.append(error))
    assert producer.flush(30) == 0
    assert [failure is not None for failure in failures] == [True]
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    with pytest.raises(KafkaException) as missing:
        admin.delete_topics(["never-created"])["never-created"].result(30)
    assert missing.value.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART


def test_a_machine_without_java_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(MissingTool, match="openjdk-17-jre-headless"):
        java()
