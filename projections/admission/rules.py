"""What admission takes from a policy."""

from __future__ import annotations

from typing import NamedTuple

from projections.admission.amounts import Amounts, amounts_of
from projections.lists.lists import Lists, lists_of
from projections.policy import Policy


class PolicyRules(NamedTuple):
    """The rules of admission that are policy (projections.admission.kind.Rules)."""

    lists: Lists
    amounts: Amounts


def rules_of(policy: Policy) -> PolicyRules:
    """Those of a policy."""
    return PolicyRules(lists_of(policy), amounts_of(policy))
