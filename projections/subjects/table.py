"""What ``act_rows`` says of the statements about an act, and the table of subjects with their names over time."""

from __future__ import annotations

from typing import Any, Final

from projections.acts.fold import Act, SaidAct
from projections.policy import Policy
from projections.tables import ActColumns, SubjectTable


def _statements(said: SaidAct, _: Policy) -> tuple[Any, ...]:
    making = said.act.event_id if isinstance(said.act, Act) else None
    if len(said.events) == 1:
        (event,) = said.events
        return (event.header["occurred_on"],), (event.name,), (event.event_id == making,)
    return (
        tuple(event.header["occurred_on"] for event in said.events),
        tuple(event.name for event in said.events),
        tuple(event.event_id == making for event in said.events),
    )


ACT_COLUMNS: Final = ActColumns(("said_on", "said", "makes"), _statements, prefix="statements", order=10)
TABLES: Final = (
    SubjectTable(
        "subject_rows",
        "信用主体的名称与类别 / subjects: names over time, kind",
        names=("name", "kind"),
        arrays={"names": ("since", "called")},
    ),
)
