"""Figures of samples, and the sheets in which a scenario tells what it measured."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.processes import Cpu

WORK: Final = ("gate", "projector", "engine")
"""The processes whose cost is the product's; the broker and the client are shown apart."""


def percentile(samples: Iterable[float], percent: float) -> float:
    """The nearest-rank percentile: the smallest sample that at least so many percent do not exceed. Raises ValueError
    for no samples, or a percentage that is not within 0 (exclusive) to 100."""
    ordered = sorted(samples)
    if not ordered or not 0 < percent <= 100:
        raise ValueError(f"no {percent}th percentile of {len(ordered)} samples")
    return ordered[math.ceil(percent / 100 * len(ordered)) - 1]


def shown(samples: Sequence[float]) -> str:
    """p50 and p99."""
    return f"{percentile(samples, 50):.0f} / {percentile(samples, 99):.0f}"


def work(spent: dict[str, Cpu]) -> Cpu:
    """Gate, projector and engine together."""
    return sum((spent.get(role, Cpu()) for role in WORK), Cpu())


@dataclass(slots=True)
class Sheet:
    """A table: columns in Chinese and English, rows of ready texts and numbers, and notes on how to read them."""

    title: str
    columns: tuple[tuple[str, str], ...]
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: Any) -> None:
        """One row, a cell for each column; raises ValueError otherwise."""
        if len(cells) != len(self.columns):
            raise ValueError(f"{self.title}: {len(cells)} cells for {len(self.columns)} columns")
        self.rows.append(cells)
