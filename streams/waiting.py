"""How many submission messages wait for the gate: the ends of the topics against what its group has committed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from confluent_kafka import TopicPartition

from connectors.kafka import consumer, end_offsets
from streams.topics import GATE_GROUP, UNREGISTERED, submissions

_SECONDS: Final = 10.0


def waiting_submissions(bootstrap: str, source_ids: Iterable[str]) -> int:
    """Messages on the topics of these sources, and of unregistered ones, that the gate has not acknowledged."""
    topics = [submissions(one) for one in (*source_ids, UNREGISTERED)]
    reader = consumer(bootstrap, GATE_GROUP, log_level=0)
    try:
        committed = reader.committed([TopicPartition(topic, 0) for topic in topics], timeout=_SECONDS)
    finally:
        reader.close()
    done = {one.topic: max(0, one.offset) for one in committed}
    return sum(max(0, end_offsets(bootstrap, topic, [0], seconds=_SECONDS)[0] - done[topic]) for topic in topics)
