"""What ``act_rows`` says of an act itself."""

from __future__ import annotations

from typing import Any, Final

from projections.acts import flat
from projections.acts.fold import Act, SaidAct
from projections.dates import EARLIEST
from projections.policy import Policy
from projections.tables import ActColumns
from schemas.content import content_json

_NAMES: Final = (
    "made", "kind", "event", "event_id", "authority_id", "authority_name", "source_id", "source_name", "occurred_on",
    "revoked_on", "void", "disclosed_on", "irregularities", "evidence", "content", *flat.NAMES,
)  # fmt: skip


def _values(said: SaidAct, policy: Policy) -> tuple[Any, ...]:
    act = said.act
    if not isinstance(act, Act):
        return (False, "", "", "", "", "", "", "", EARLIEST, None, False, None, (), act.evidence, "", *flat.NONE)
    header = act.content["header"]
    return (
        True, act.kind, act.name, act.event_id, header["authority_id"], act.authority_name, header["source_id"],
        header["source_name"], act.occurred_on, act.revoked_on, act.void, act.disclosed_on, act.irregularities, act.evidence,
        said.events[0].text if act.content is said.events[0].value else content_json(act.content),
        *flat.flat(act, policy),
    )  # fmt: skip


ACT_COLUMNS: Final = ActColumns(_NAMES, _values, order=0)
