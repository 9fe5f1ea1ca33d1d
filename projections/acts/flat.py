"""The fields of an act that stand in columns of their own, so that a plain SELECT counts and sums them.

They are fields that anybody may see who may see the act: none is marked with ``openness``. A text that an act does not have
is empty, an amount or a day null.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from projections.acts.fold import Act
from projections.grades.severity import severity_of_penalty
from projections.policy import Policy

HEADER: Final = ("subject_name", "subject_kind", "jurisdiction")
TEXTS: Final = (
    "document_number", "violation_type", "licence_category", "certificate_name", "certificate_number", "result", "commitment_type",
)  # fmt: skip
LISTS: Final = ("penalty_categories",)
AMOUNTS: Final = ("fine_amount", "confiscated_amount")
DAYS: Final = ("valid_to",)
NAMES: Final = (*HEADER, *TEXTS, *LISTS, *AMOUNTS, *DAYS, "severity")
NONE: Final[tuple[Any, ...]] = (*("",) * len(HEADER + TEXTS), *((),) * len(LISTS), *(None,) * len(AMOUNTS + DAYS), "")
_CENT: Final = Decimal("0.01")


def flat(act: Act, policy: Policy) -> tuple[Any, ...]:
    """The values of ``NAMES``. ``severity`` is a penalty's: as stated, else by the policy table; of other acts empty."""
    content, header = act.content, act.header
    return (
        *(header[name] or "" for name in HEADER),
        *(content.get(name) or "" for name in TEXTS),
        *(tuple(content.get(name) or ()) for name in LISTS),
        *(_yuan(content.get(name)) for name in AMOUNTS),
        *(content.get(name) for name in DAYS),
        severity_of_penalty(content, policy) if act.kind == "penalty" else "",
    )


def _yuan(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(_CENT)
