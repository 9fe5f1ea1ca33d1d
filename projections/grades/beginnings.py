"""Policy ``beginnings``: the kinds of acts by which alone a subject has no grades yet (catalogue of rules: grades)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from projections.policy import Policy
from projections.policy.table import CERTAINTIES, read_rows
from schemas.catalogue import KINDS


class Beginnings(frozenset[str]):
    """The kinds."""


def beginnings_of(policy: Policy) -> Beginnings:
    """The kinds in a policy."""
    return policy.table("beginnings", Beginnings)


def load(text: str, known: Mapping[str, Any], file: str = "beginnings.toml") -> Beginnings:
    """Reads the table; raises PolicyError."""
    found: set[str] = set()
    for row in read_rows(file, text, "kind"):
        found.add(row.one_of("id", sorted(KINDS)))
        row.text("legal_basis")
        row.one_of("certainty", CERTAINTIES)
        row.done()
    return Beginnings(found)
