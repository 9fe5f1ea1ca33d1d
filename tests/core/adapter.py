"""The real folds' answers in the words of ``meaning.Meaning``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import cache

from projections.policy import Policy, packaged
from projections.record import SubjectRecord, fold
from schemas.logged import LoggedEvent
from tests.core import oracle
from tests.core.builders import SUBJECT
from tests.core.meaning import ACT_IRREGULARITIES, PlainAct


@cache
def policy() -> Policy:
    return packaged()


class FoldMeaning:
    """Answers from ``projections.record.fold`` with the packaged policy."""

    def __init__(self, events: Sequence[LoggedEvent]) -> None:
        subject = events[0].header["subject_id"] if events else SUBJECT
        self.record: SubjectRecord = fold(subject, events, policy())

    def acts(self) -> dict[str, PlainAct]:
        return {
            act.act_id: PlainAct(
                {**act.header, **{key: value for key, value in act.content.items() if key != "header"}},
                act.revoked_on,
                act.void,
                frozenset(act.irregularities) & ACT_IRREGULARITIES,
            )
            for act in self.record.acts
        }

    def duties(self, day: date) -> set[oracle.Duty]:
        found = set()
        for one in self.record.duties:
            status = one.status_on(day)
            if status is not None:
                shown = one.fulfilled_on if one.fulfilled_on and one.fulfilled_on <= day else None
                found.add(
                    oracle.Duty(
                        one.act_id,
                        one.duty,
                        one.cause_event_id,
                        one.started_on,
                        one.due_on,
                        shown,
                        status,
                        one.days_overdue_on(day),
                        one.provisional,
                    )
                )
        return found

    def entries(self) -> dict[str, oracle.Entry]:
        return {
            one.entry_id: oracle.Entry(
                one.entry_id, one.list, one.listed_from, one.listed_to, one.end_reason, frozenset(one.irregularities)
            )
            for one in self.record.entries
        }

    def listed(self, day: date, effect: str) -> bool:
        return any(one.effect == effect and one.open_on(day) for one in self.record.entries)

    def grade(self, day: date) -> oracle.Grade | None:
        found = self.record.grade_on(day)
        if found is None:
            return None
        reasons = {
            (one.event_id, Fraction(one.points), one.valid_from, one.valid_to)
            for one in found.reasons
            if one.points and one.valid_to is not None
        }
        return oracle.Grade(
            Fraction(found.score),
            found.grade,
            found.grade_name.split(" / ")[0],
            found.ceiling,
            found.policy_version,
            frozenset(reasons),
        )
