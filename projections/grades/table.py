"""The points of an act, as arrays of ``act_rows``, and the table of grade timelines."""

from __future__ import annotations

from typing import Any, Final

from projections.acts.fold import SaidAct
from projections.grades.points import point_columns
from projections.grades.sums import Interval
from projections.policy import Policy
from projections.tables import ActColumns, SubjectTable

_NAMES: Final = ("policy_version", "reason_event_id", "rule_id", "points", "counts_from", "counts_to")


def _values(said: SaidAct, policy: Policy) -> tuple[Any, ...]:
    return point_columns(said, policy)[1:]


ACT_COLUMNS: Final = ActColumns(_NAMES, _values, prefix="points", order=30)
TABLES: Final = (
    SubjectTable(
        "grade_rows",
        "信用等级时间线 / timelines of grades",
        arrays={"intervals": Interval._fields},
    ),
)
