"""The metrics of the workers, each described once. Names follow Prometheus' conventions: base units, ``_total`` for counters."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from schemas.logged import LoggedEvent
from streams.projector.subjects import Subjects

_DELAYS: Final = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
_DELAY: Final = "xinji_projector_end_to_end_delay_seconds"
_DELAY_HELP: Final = "从准入到投影可查 / from admission until an event's projection can be queried"


class GateMetrics:
    """What a gate counts. ``window`` says how many acts wait for landing."""

    def __init__(self, registry: CollectorRegistry, window: Callable[[], int]) -> None:
        self._statements = Counter(
            "xinji_gate_statements",
            "陈述，按结果：admitted、duplicate、passed_on 或退回原因 / statements: admitted, duplicate, passed_on, or why refused",
            ["outcome"],
            registry=registry,
        )
        self._messages = Counter("xinji_gate_messages", "处理的提交消息 / submission messages taken", registry=registry)
        waiting = Gauge("xinji_gate_window_acts", "等待落库的行为 / acts that wait for landing", registry=registry)
        waiting.set_function(window)

    def took(self, counts: Mapping[str, int], messages: int) -> None:
        """Tells of one take."""
        for outcome, count in counts.items():
            self._statements.labels(outcome).inc(count)
        self._messages.inc(messages)


class Delays(Collector):
    """A histogram that takes a batch at once: the library's own costs a microsecond and more an event."""

    def __init__(self) -> None:
        self._counts, self._sum, self._lock = [0] * (len(_DELAYS) + 1), 0.0, Lock()

    def add(self, recorded: Sequence[datetime], now: datetime) -> None:
        """Takes events by when they were admitted."""
        seconds = [max(0.0, (now - one).total_seconds()) for one in recorded]
        with self._lock:
            self._sum += sum(seconds)
            for one in seconds:
                self._counts[bisect_left(_DELAYS, one)] += 1

    def collect(self) -> Iterator[HistogramMetricFamily]:
        with self._lock:
            counts, total = list(self._counts), self._sum
        reached, buckets = 0, []
        for bound, count in zip((*map(str, _DELAYS), "+Inf"), counts, strict=True):
            reached += count
            buckets.append((bound, reached))
        yield HistogramMetricFamily(_DELAY, _DELAY_HELP, buckets=buckets, sum_value=total)


class ProjectorMetrics:
    """What a projector counts."""

    def __init__(self, registry: CollectorRegistry, subjects: Subjects) -> None:
        self._events = Counter("xinji_projector_events", "已投影的事件 / events projected", registry=registry)
        self._rows = Counter(
            "xinji_projector_rows_written", "写入的行，按表 / rows written, by table", ["table"], registry=registry
        )
        self._delays = Delays()
        registry.register(self._delays)
        for name, what, value in (
            ("xinji_projector_subjects_kept", "内存中的主体 / subjects in memory", lambda: len(subjects)),
            ("xinji_projector_acts_kept", "内存中的行为 / acts whose facts are in memory", lambda: subjects.acts),
        ):
            Gauge(name, what, registry=registry).set_function(value)
        registry.register(_LookUps(subjects))

    def projected(self, events: Sequence[LoggedEvent], rows: Mapping[str, Sequence[Any]], now: datetime) -> None:
        """Tells of one batch, once it can be queried; ``now`` is UTC."""
        self._events.inc(len(events))
        for table, written in rows.items():
            self._rows.labels(table).inc(len(written))
        self._delays.add([one.recorded_at for one in events], now)


class _LookUps(Collector):
    """The subjects' own counts, read when somebody asks."""

    def __init__(self, subjects: Subjects) -> None:
        self._subjects = subjects

    def collect(self) -> Iterator[Any]:
        what = "主体查找，hit 为内存中已有 / look-ups of subjects; hit: it was in memory"
        found = CounterMetricFamily("xinji_projector_subject_lookups", what, labels=["result"])
        found.add_metric(["hit"], self._subjects.hits)
        found.add_metric(["miss"], self._subjects.misses)
        yield found
