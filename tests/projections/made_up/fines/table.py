"""The fines of a subject: a column of its acts' rows, and a row of the subject."""

from __future__ import annotations

from typing import Any, Final

from projections.fines.fines import FineRule

from projections.acts.fold import Act, SaidAct
from projections.facts import ActFacts, Kept, Rows, Subject, SubjectFold
from projections.policy import Policy
from projections.tables import ActColumns, SubjectTable


def _fine(said: SaidAct, policy: Policy) -> str | None:
    act = said.act
    if not isinstance(act, Act) or act.void or act.name != "PenaltyImposed" or act.content["fine_amount"] is None:
        return None
    counts = act.content["fine_amount"] >= policy.table("fines", FineRule).least
    return str(act.content["fine_amount"]) if counts else None


class Fines(Kept):
    """The fines by act."""

    def __init__(self) -> None:
        self._fines: dict[str, float] = {}

    def put(self, act: ActFacts, facts: Any) -> bool:
        before = self._fines.pop(act.act_id, None)
        if facts is not None:
            self._fines[act.act_id] = float(facts)
        return before != self._fines.get(act.act_id)

    def rows(self, subject: Subject) -> Rows:
        if not self._fines:
            return {}
        return {"fine_rows": [(subject.subject_id, subject.version, len(self._fines), sum(self._fines.values()))]}


ACT_COLUMNS: Final = ActColumns(("counted",), lambda said, policy: (_fine(said, policy) is not None,), order=200)
TABLES: Final = (SubjectTable("fine_rows", "罚款（试） / fines (a trial)", names=("fines", "yuan")),)
SUBJECT: Final = SubjectFold(_fine, lambda subject_id, policy: Fines())
