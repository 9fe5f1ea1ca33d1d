"""The table of verifications: when the whole log was verified, and how it ended."""

from __future__ import annotations

from typing import Final

from connectors.clickhouse.engine import Engine
from schemas.records import VerificationRow

_NAMES: Final = VerificationRow._fields


class Verifications:
    """Verifications of the whole log (schemas.ports.Verifications)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write_verification(self, one: VerificationRow) -> None:
        """Writes one down."""
        self._engine.insert("verifications", _NAMES, [[value] for value in one])

    def last_verification(self) -> VerificationRow | None:
        """The one that ended last, None where there was none."""
        table = self._engine.table("verifications")
        rows = self._engine.query(f"SELECT {', '.join(_NAMES)} FROM {table} ORDER BY ended_at DESC LIMIT 1")
        return VerificationRow(*rows[0]) if rows else None
