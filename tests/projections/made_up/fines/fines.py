"""Policy ``fines``: which fines count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from projections.policy.table import read_rows


@dataclass(frozen=True, slots=True)
class FineRule:
    """Fines of at least so many yuan count."""

    id: str
    least: int


def load(text: str, known: Mapping[str, Any], file: str = "fines.toml") -> FineRule:
    """Reads the table; raises PolicyError."""
    (row,) = read_rows(file, text, "rule")
    rule = FineRule(row.text("id"), row.needed("least"))
    row.done()
    return rule
