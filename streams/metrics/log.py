"""What ClickHouse and Kafka know of the log, asked when somebody scrapes: the same from every projector."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from schemas.ports import Store
from schemas.records import Positions
from streams.lag import lag

log = logging.getLogger("xinji.metrics")
_HOLES_EVERY: Final = 60.0
_STAGES: Final = ("landed", "projected")


@dataclass(frozen=True, slots=True)
class Where:
    """What is asked: the store, the live generation, the bus, and the ends of the log's partitions."""

    store: Store
    generation: int
    bootstrap: str
    ends: Callable[[], dict[int, int]]
    clock: Callable[[], datetime]


class LogMetrics(Collector):
    """Lag, room, holes, strays and the last verification. Where ClickHouse or Kafka does not answer, ``xinji_log_up`` is 0 and the
    rest is left out. ``described`` without asking anybody."""

    def __init__(self, where: Where, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._where, self._monotonic = where, monotonic
        self._holes: tuple[float, int] | None = None

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Registering must not ask."""
        yield from described().values()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = described()
        try:
            self._fill(found)
        except Exception as problem:  # whoever scrapes is told by xinji_log_up, whatever it is
            log.warning("not all could be asked", extra={"detail": f"{type(problem).__name__}: {problem}"})
            found = described()
        found["xinji_log_up"].add_metric([], float(bool(found["xinji_log_records"].samples)))
        yield from found.values()

    def _fill(self, found: dict[str, GaugeMetricFamily]) -> None:
        where = self._where
        store, ends, now = where.store, where.ends(), where.clock()
        reached: dict[str, Positions] = {
            stage: store.progress(stage, where.generation if stage == "projected" else 0) for stage in _STAGES
        }
        for stage, done in reached.items():
            records, seconds = lag(where.bootstrap, done, ends, now)
            found["xinji_log_lag_records"].add_metric([stage], records)
            found["xinji_log_lag_seconds"].add_metric([stage], seconds)
        found["xinji_store_free_bytes"].add_metric([], store.free_space())
        strays = store.strays()
        acknowledged = sum(one.acknowledged for one in strays)
        found["xinji_log_strays"].add_metric(["new"], len(strays) - acknowledged)
        found["xinji_log_strays"].add_metric(["acknowledged"], acknowledged)
        found["xinji_log_missing_records"].add_metric([], self._missing())
        last = store.last_verification()
        if last is not None:
            found["xinji_verification_ended_timestamp_seconds"].add_metric([], last.ended_at.timestamp())
            found["xinji_verification_differences"].add_metric([], last.differing)
        found["xinji_log_records"].add_metric([], sum(ends.values()))

    def _missing(self) -> int:
        """Looking for holes reads every row's place: once a minute is enough."""
        now = self._monotonic()
        if self._holes is None or now - self._holes[0] >= _HOLES_EVERY:
            self._holes = now, sum(one.last - one.first + 1 for one in self._where.store.holes())
        return self._holes[1]


def described() -> dict[str, GaugeMetricFamily]:
    """Every metric of the log, still without a value."""
    rows: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("xinji_log_up", "ClickHouse 与 Kafka 是否应答 / whether ClickHouse and Kafka answer", ()),
        ("xinji_log_records", "日志记录数 / records of the log", ()),
        ("xinji_log_lag_records", "落后的记录数，按阶段 / records behind the end of the log, by stage", ("stage",)),
        ("xinji_log_lag_seconds", "最早的未处理记录已等待多久 / how long the oldest of them has waited", ("stage",)),
        ("xinji_log_missing_records", "act_log 中缺失的记录 / records that are missing in act_log", ()),
        ("xinji_log_strays", "并非由闸口写入的记录 / records set aside, not written by the gate", ("state",)),
        ("xinji_store_free_bytes", "ClickHouse 磁盘可用空间 / free space on ClickHouse's disk", ()),
        (
            "xinji_verification_ended_timestamp_seconds",
            "上次全量核对何时结束，从未核对则无 / when the whole log was last verified; absent: never",
            (),
        ),
        ("xinji_verification_differences", "上次全量核对的差异数 / differences that it found", ()),
    )
    return {name: GaugeMetricFamily(name, what, labels=list(labels)) for name, what, labels in rows}
