"""How far the workers are behind the end of the log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from schemas.records import Positions
from streams.log import read_until


class Lag(NamedTuple):
    """Records behind the end of the log, and how many seconds ago the oldest of them was admitted."""

    records: int
    seconds: float


def lag(bootstrap: str, done: Positions, ends: Mapping[int, int], now: datetime) -> Lag:
    """The lag of a stage that has reached ``done``; ``now`` is UTC. Raises LogSilent and KafkaException."""
    at = {partition: done[partition][0] if partition in done else 0 for partition in ends}
    behind = {partition: end - at[partition] for partition, end in ends.items() if end > at[partition]}
    oldest = [next(read_until(bootstrap, {p: at[p] + 1}, {p: at[p]})).recorded_at for p in behind]
    seconds = max(((now - moment).total_seconds() for moment in oldest), default=0.0)
    return Lag(sum(behind.values()), round(max(0.0, seconds), 3))
