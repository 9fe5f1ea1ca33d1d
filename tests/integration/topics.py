"""Reading a whole topic as a plain client does: keys, values, headers of every record."""

from __future__ import annotations

import time
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka.admin import AdminClient


@dataclass(frozen=True)
class Record:
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    @property
    def everything(self) -> bytes:
        return b"\0".join([self.key, self.value, *(part for name, value in self.headers for part in (name.encode(), value))])


def names(bootstrap: str) -> list[str]:
    """Every topic, those of the broker's own included."""
    return sorted(AdminClient({"bootstrap.servers": bootstrap, "log_level": 0}).list_topics(timeout=30).topics)


def read_topic(bootstrap: str, topic: str, seconds: float = 60.0) -> list[Record]:
    """Every record from the beginning to the end, partition by partition."""
    known = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0}).list_topics(timeout=30).topics
    partitions = set(known[topic].partitions) if topic in known else set()
    own = {"group.id": "reads-everything", "enable.auto.commit": False, "enable.partition.eof": True}
    reader = Consumer({"bootstrap.servers": bootstrap, **own})
    found: list[Record] = []
    deadline = time.monotonic() + seconds
    try:
        reader.assign([TopicPartition(topic, partition, 0) for partition in partitions])
        while partitions:
            assert time.monotonic() < deadline, f"{topic}: {len(found)} records, and {sorted(partitions)} not at their end"
            message = reader.poll(0.5)
            if message is None:
                continue
            error = message.error()
            if error is None:
                headers = tuple((name, value or b"") for name, value in message.headers() or ())
                found.append(Record(message.key() or b"", message.value() or b"", headers))
            elif error.code() == KafkaError._PARTITION_EOF:
                partitions.discard(message.partition())
    finally:
        reader.close()
    return found
