"""The duties about an act, as arrays of ``act_rows``."""

from __future__ import annotations

from typing import Any, Final

from projections.acts.fold import Act, SaidAct
from projections.duties.fold import Duty, duties_of
from projections.policy import Policy
from projections.tables import ActColumns

_NAMES: Final = (
    "duty", "cause_event_id", "started_on", "due_on", "fulfilled_on", "ended_on", "exempt", "unknown", "provisional", "rule_id",
    "legal_basis",
)  # fmt: skip
_ABOUT_THE_ACT: Final = len(Duty._fields) - len(_NAMES)
_NONE: Final[tuple[Any, ...]] = ((),) * len(_NAMES)


def _values(said: SaidAct, policy: Policy) -> tuple[Any, ...]:
    duties = duties_of(said.act, policy) if isinstance(said.act, Act) else ()
    return tuple(zip(*(one[_ABOUT_THE_ACT:] for one in duties), strict=True)) if duties else _NONE


ACT_COLUMNS: Final = ActColumns(_NAMES, _values, prefix="duties", order=20)
