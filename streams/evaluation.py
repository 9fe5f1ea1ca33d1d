"""From the stored bytes of a subject's events to its rows: what projector, rebuild and verify do alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from projections.policy import Policy
from projections.record import SubjectRecord, fold
from projections.rows import GENERATION_STEP, rows
from schemas.logged import LoggedEvent


@dataclass(frozen=True)
class Evaluator:
    """The folds under one policy and one generation of it."""

    policy: Policy
    generation: int

    @property
    def digest(self) -> str:
        """Digest of the policy and the calendar together, as rows carry it."""
        return policy_digest(self.policy)

    def record(self, subject_id: str, events: Iterable[LoggedEvent]) -> SubjectRecord:
        return fold(subject_id, events, self.policy)

    def rows(self, subject_id: str, events: Iterable[LoggedEvent]) -> dict[str, list[Any]]:
        """Complete rows by table name: subject_id, version, policy_digest, then the table's own columns."""
        record = self.record(subject_id, events)
        version = self.generation * GENERATION_STEP + len(record.events)
        return {table: [subject_id, version, self.digest, *values] for table, values in rows(record).items()}


def policy_digest(policy: Policy) -> str:
    """What rows carry to say under which policy and calendar they were made."""
    return f"{policy.digest[:16]}.{policy.calendar.digest[:16]}"
