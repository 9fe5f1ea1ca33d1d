"""How many submission messages wait for the gate: the ends of the topics against what its group has committed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from confluent_kafka import TopicPartition

from connectors.kafka import consumer, end_offsets
from streams.topics import ACTS_PARTITIONS, GATE_GROUP, submission_topics

_SECONDS: Final = 10.0


def waiting_submissions(bootstrap: str, source_ids: Iterable[str]) -> int:
    """Messages on the topics of these sources, and of unregistered ones, that the gate has not acknowledged."""
    topics = submission_topics(source_ids)
    places = [TopicPartition(topic, partition) for topic in topics for partition in range(ACTS_PARTITIONS)]
    reader = consumer(bootstrap, GATE_GROUP, log_level=0)
    try:
        committed = reader.committed(places, timeout=_SECONDS)
    finally:
        reader.close()
    done = {(one.topic, one.partition): max(0, one.offset) for one in committed}
    ends = {topic: end_offsets(bootstrap, topic, range(ACTS_PARTITIONS), seconds=_SECONDS) for topic in topics}
    return sum(max(0, end - done[topic, partition]) for topic, found in ends.items() for partition, end in found.items())
