"""Policy ``amounts``: what no amount of an act plausibly exceeds. The bound is this product's, no law's: it finds wrong units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from projections.admission.keeping import AMOUNT_LIMIT
from projections.policy import Policy
from projections.policy.table import CERTAINTIES, Period, PolicyError, read_rows
from schemas.catalogue import BY_NAME, is_amount
from schemas.registry import fields_of


@dataclass(frozen=True, slots=True)
class AmountRule:
    """``most``: in yuan, of each of the fields."""

    id: str
    fields: frozenset[str]
    most: Decimal
    period: Period


@dataclass(frozen=True, slots=True)
class Amounts:
    """The table. ``lowest``: an amount up to which no rule asks anything, on any day."""

    rules: tuple[AmountRule, ...]
    lowest: Decimal

    def most(self, field: str, on: date) -> Decimal | None:
        """The most that a field may hold of an act of this day, None where no rule is in force."""
        return next((rule.most for rule in self.rules if field in rule.fields and rule.period.holds(on)), None)


def amounts_of(policy: Policy) -> Amounts:
    """The table in a policy."""
    return policy.table("amounts", Amounts)


def load(text: str, known: Mapping[str, Any], file: str = "amounts.toml") -> Amounts:
    """Reads the table; raises PolicyError."""
    amounts = {field for name in BY_NAME for field, schema in fields_of(name).items() if is_amount(schema)}
    found: list[AmountRule] = []
    for row in read_rows(file, text, "amount"):
        fields = row.texts("fields")
        for field in fields:
            if field not in amounts:
                raise row.fail(f"{field!r} is no amount of any event; write one of: {', '.join(sorted(amounts))}")
        rule = AmountRule(row.text("id"), frozenset(fields), Decimal(row.needed("most_yuan", least=1)), row.period())
        row.text("basis")
        row.one_of("certainty", CERTAINTIES)
        row.done()
        if any(rule.period.overlaps(other.period) and rule.fields & other.fields for other in found):
            raise PolicyError(file, row.label, "another row bounds a field of it at the same time; part them by their dates")
        found.append(rule)
    return Amounts(tuple(found), min((rule.most for rule in found), default=AMOUNT_LIMIT))
