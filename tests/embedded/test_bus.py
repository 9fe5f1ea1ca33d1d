"""The embedded bus: refilling it gives back the same log, and its ends are found."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as AioPartition
from confluent_kafka import TopicPartition

from connectors.kafka import (
    EndOffsetUnknown,
    TopicsNotCreated,
    consumer,
    count_partitions,
    create_topics,
    end_offsets,
    producer,
)
from console.embedded.bus import Bus, RefillFailed, RefillMismatch, create_topics_anew, refill
from console.embedded.ports import free_port
from schemas.instants import milliseconds, moment
from schemas.log_record import LogRecord

pytestmark = pytest.mark.stack

PARTITIONS = 3
NAMES = (f"log-{number}" for number in itertools.count())


@pytest.fixture
def topic(bus: Bus) -> str:
    name = next(NAMES)
    create_topics(bus.bootstrap, {name: PARTITIONS}, config={name: {"retention.ms": "-1"}})
    return name


def record(number: int) -> LogRecord:
    return LogRecord(
        partition=number % PARTITIONS,
        offset=number // PARTITIONS,
        key=f"主体{number}".encode(),
        value=bytes([number % 256, 0, 255]) * (number % 7),
        headers=[("schema", b"\x00\xff"), ("twice", b"1"), ("twice", b""), ("编号", b"2")][: number % 5],
        recorded_at=moment(1_530_345_600_123 + number),
    )


def read_all(bootstrap: str, topic: str, ends: dict[int, int]) -> list[LogRecord]:
    reader = consumer(bootstrap, "reader")
    try:
        reader.assign([TopicPartition(topic, partition, 0) for partition in ends])
        found: list[LogRecord] = []
        while len(found) < sum(ends.values()):
            message = reader.poll(10)
            assert message is not None and message.error() is None
            found.append(
                LogRecord(
                    message.partition(),
                    message.offset(),
                    message.key(),
                    message.value(),
                    message.headers() or [],
                    moment(message.timestamp()[1]),
                )
            )
        return found
    finally:
        reader.close()


def test_refilling_keeps_every_byte(bus: Bus, topic: str) -> None:
    records = [record(number) for number in range(5_000)]
    assert refill(bus.bootstrap, topic, iter(records)) == 5_000
    ends = end_offsets(bus.bootstrap, topic, range(PARTITIONS))
    assert ends == {0: 1667, 1: 1667, 2: 1666}
    found = read_all(bus.bootstrap, topic, ends)
    assert sorted(found, key=lambda one: (one.offset, one.partition)) == records


def test_refilling_nothing(bus: Bus, topic: str) -> None:
    assert refill(bus.bootstrap, topic, []) == 0


def test_a_gap_in_the_log_is_refused(bus: Bus, topic: str) -> None:
    records = [record(number) for number in range(9) if number != 4]
    with pytest.raises(RefillMismatch) as caught:
        refill(bus.bootstrap, topic, records)
    assert (caught.value.partition, caught.value.expected, caught.value.actual) == (1, 1, 2)


def test_a_topic_with_records_is_refused(bus: Bus, topic: str) -> None:
    refill(bus.bootstrap, topic, [record(0)])
    with pytest.raises(RefillMismatch, match="not empty") as caught:
        refill(bus.bootstrap, topic, [record(0)])
    assert (caught.value.partition, caught.value.expected, caught.value.actual) == (0, 0, 1)


def test_another_writer_during_the_refill_is_noticed(bus: Bus, topic: str) -> None:
    def disturbed() -> Iterator[LogRecord]:
        yield record(0)
        intruder = producer(bus.bootstrap)
        intruder.produce(topic, b"stranger", partition=1)
        assert intruder.flush(10) == 0
        yield from (record(number) for number in range(1, 30))

    with pytest.raises(RefillMismatch, match="another offset") as caught:
        refill(bus.bootstrap, topic, disturbed())
    assert (caught.value.partition, caught.value.expected, caught.value.actual) == (1, 0, 1)


def test_a_missing_topic_is_refused_and_not_created(bus: Bus) -> None:
    for _ in range(2):
        with pytest.raises(RefillFailed, match="no such topic"):
            refill(bus.bootstrap, "nowhere", [record(0)])
    with pytest.raises(ValueError, match="recorded at 1970"):
        name = next(NAMES)
        create_topics(bus.bootstrap, {name: PARTITIONS})
        refill(bus.bootstrap, name, [record(0)._replace(recorded_at=moment(0))])


def test_the_death_of_the_bus_ends_the_refill(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Bus(free_port(), tmp_path_factory.mktemp("dying") / "bus.log") as dying:
        create_topics(dying.bootstrap, {"log": PARTITIONS})

        def interrupted() -> Iterator[LogRecord]:
            for number in range(20_000):
                if number == 5_000:
                    dying.stop()
                yield record(number)

        with pytest.raises(RefillFailed):
            refill(dying.bootstrap, "log", interrupted())


def test_end_offsets_are_behind_the_last_record(bus: Bus, topic: str) -> None:
    assert end_offsets(bus.bootstrap, topic, [0, 1, 2]) == {0: 0, 1: 0, 2: 0}
    sink = producer(bus.bootstrap)
    for number in range(700):
        sink.produce(topic, b"x" * 100, partition=number % 2)
    assert sink.flush(10) == 0
    assert end_offsets(bus.bootstrap, topic, [2, 0, 1]) == {0: 350, 1: 350, 2: 0}
    assert end_offsets(bus.bootstrap, topic, []) == {}
    with pytest.raises(EndOffsetUnknown):
        end_offsets(bus.bootstrap, topic, [9])


def test_topics_are_created_once(bus: Bus, topic: str) -> None:
    create_topics(bus.bootstrap, {topic: PARTITIONS})
    with pytest.raises(TopicsNotCreated, match="3 partitions, not 5"):
        create_topics(bus.bootstrap, {topic: 5})


def test_a_topic_that_a_client_was_first_to_ask_for_is_made_anew(bus: Bus) -> None:
    asked, new = next(NAMES), next(NAMES)
    made = producer(bus.bootstrap).list_topics(asked, timeout=10).topics[asked].partitions
    assert len(made) != PARTITIONS
    create_topics_anew(bus.bootstrap, {asked: PARTITIONS, new: PARTITIONS})
    assert count_partitions(bus.bootstrap, [asked, new]) == {asked: PARTITIONS, new: PARTITIONS}


def test_keys_lie_where_javas_clients_put_them(bus: Bus, topic: str) -> None:
    from aiokafka.partitioner import DefaultPartitioner

    expected = {f"k{n}".encode(): DefaultPartitioner()(f"k{n}".encode(), [0, 1, 2], [0, 1, 2]) for n in range(50)}
    placed: dict[bytes, int] = {}
    sink = producer(bus.bootstrap, linger_ms=0)
    for key in expected:
        sink.produce(topic, b"x", key=key, on_delivery=lambda _, message: placed.update({message.key(): message.partition()}))
    assert sink.flush(10) == 0
    assert placed == expected


def test_aiokafka_reads_from_an_offset(bus: Bus, topic: str) -> None:
    refill(bus.bootstrap, topic, [record(number) for number in range(300)])

    async def read() -> tuple[int, bytes | None, int]:
        reader = AIOKafkaConsumer(bootstrap_servers=bus.bootstrap, enable_auto_commit=False)
        await reader.start()
        try:
            place = AioPartition(topic, 1)
            reader.assign([place])
            reader.seek(place, 42)
            message = await asyncio.wait_for(reader.getone(), 10)
            return message.offset, message.key, message.timestamp
        finally:
            await reader.stop()

    wanted = record(42 * PARTITIONS + 1)
    assert asyncio.run(read()) == (42, wanted.key, milliseconds(wanted.recorded_at))
