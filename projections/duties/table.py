"""The duties about an act, as arrays of ``act_rows``."""

from __future__ import annotations

from typing import Any, Final

from projections.acts.fold import Act, SaidAct
from projections.dates import shanghai_date
from projections.duties.fold import Duty, class_of, duties_of
from projections.policy import Policy
from projections.tables import ActColumns

_NAMES: Final = (
    "duty", "cause_event_id", "started_on", "due_on", "fulfilled_on", "ended_on", "exempt", "unknown", "provisional", "rule_id",
    "legal_basis",
)  # fmt: skip
_ABOUT_THE_ACT: Final = len(Duty._fields) - len(_NAMES)
_NONE: Final[tuple[Any, ...]] = ((),) * len(_NAMES)


def _values(said: SaidAct, policy: Policy) -> tuple[Any, ...]:
    act = said.act
    if not isinstance(act, Act):
        return _NONE
    return _columns(act, policy) if len(said.events) > 1 else _as_made(act, policy)


def _columns(act: Act, policy: Policy) -> tuple[Any, ...]:
    duties = duties_of(act, policy)
    return tuple(zip(*(one[_ABOUT_THE_ACT:] for one in duties), strict=True)) if duties else _NONE


def _as_made(act: Act, policy: Policy) -> tuple[Any, ...]:
    """Of an act of which nothing else was said: but for the event that caused them, acts of one day have the same duties."""
    header, known = act.content["header"], policy.remembered("duties of acts as made")
    key = (
        act.kind, class_of(act, policy), header["jurisdiction"], header["occurred_on"], header["imported"],
        header["disclosure_exempt_basis"], shanghai_date(act.recorded_order[0]),
    )  # fmt: skip
    found = known.get(key)
    if found is None:
        found = known[key] = _columns(act, policy)
    return (found[0], (act.event_id,) * len(found[0]), *found[2:])


ACT_COLUMNS: Final = ActColumns(_NAMES, _values, prefix="duties", order=20)
