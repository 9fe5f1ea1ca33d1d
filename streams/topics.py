"""The topics: names, partitions and configuration."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from schemas.log_record import PARTITIONS, TOPIC
from schemas.sentence import Sentence, Told

ACTS: Final = TOPIC
RECEIPTS: Final = "receipts"
REJECTIONS: Final = "rejections"
ACTS_PARTITIONS: Final = PARTITIONS

_WEEK_MS: Final = str(7 * 24 * 3600 * 1000)
_LOG: Final = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "message.timestamp.type": "CreateTime",
    "max.message.bytes": "8388608",
}
_WORK: Final = {"cleanup.policy": "delete", "retention.ms": _WEEK_MS, "max.message.bytes": "8388608"}


PROJECTOR_GROUP: Final = "xinji-projector"
"""The projectors' consumer group."""
GATE_GROUP: Final = "xinji-gate"
"""The gate's consumer group."""
UNREGISTERED: Final = "unregistered"
"""No source may have this id: its topic takes what comes from sources that are not registered, to be rejected."""


SOURCE_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,200}\Z")
"""What an id of a source looks like: it stands in a topic's name."""


def submissions(source_id: str) -> str:
    """The topic that one source pushes to."""
    return f"submissions.{source_id}"


def source_of(topic: str) -> str:
    """The source that pushes to a submissions topic."""
    return topic.removeprefix("submissions.")


def sender(topic: str, claimed: str = "") -> str:
    """Under whose name the receipts of what came by a submissions topic are kept. What comes by the topic of those who are
    not registered never carries the name of one who is, whatever it claims."""
    source_id = source_of(topic)
    if source_id != UNREGISTERED:
        return source_id
    return f"{UNREGISTERED}:{claimed if SOURCE_ID.match(claimed) else ''}"


def partitions(source_ids: Iterable[str]) -> dict[str, int]:
    """All topics with their numbers of partitions. Those of submissions have as many as the log, and the same keys lie in
    the same partitions, so that who reads a partition of all of them is the only one to write that partition of the log."""
    return {ACTS: ACTS_PARTITIONS, RECEIPTS: 1, REJECTIONS: 1} | dict.fromkeys(submission_topics(source_ids), ACTS_PARTITIONS)


def submission_topics(source_ids: Iterable[str]) -> list[str]:
    """The topics that the gate reads."""
    return [submissions(one) for one in (*source_ids, UNREGISTERED)]


def configuration(source_ids: Iterable[str], replication: int) -> dict[str, dict[str, str]]:
    """Topic configuration for a cluster: the log is kept for ever, what is only on its way for seven days."""
    safe = {"min.insync.replicas": str(max(1, replication - 1))}
    return {ACTS: _LOG | safe} | {topic: _WORK | safe for topic in partitions(source_ids) if topic != ACTS}


class BadPartitions(Told, ValueError):
    """Not a list of partitions of ``acts``; ``text`` is what was given."""

    says = Sentence(
        "“{text}”不是分区列表；请写 0 到 {last} 的数字和范围，如 0-5,8",
        "{text!r} names no partitions; write numbers and ranges from 0 to {last}, such as 0-5,8",
    )

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text=text, last=ACTS_PARTITIONS - 1)


def parse_partitions(text: str) -> tuple[int, ...]:
    """The partitions of ``acts`` that a text such as ``0-5,8`` names, none for an empty one. Raises BadPartitions."""
    found: set[int] = set()
    for part in filter(None, text.replace(" ", "").split(",")):
        first, _, last = part.partition("-")
        if not first.isdecimal() or not (last or first).isdecimal():
            raise BadPartitions(text)
        found.update(range(int(first), int(last or first) + 1))
    if any(one >= ACTS_PARTITIONS for one in found):
        raise BadPartitions(text)
    return tuple(sorted(found))
