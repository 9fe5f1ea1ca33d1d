"""Policy ``severity``: how grave a penalty is where the event does not say (semantics: grades)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from projections.policy import Policy
from projections.policy.table import Period, PolicyError, read_rows
from schemas.registry import fields_of


@dataclass(frozen=True, slots=True)
class SeverityRule:
    """Fines in yuan. ``implied`` maps a field that tells of a penalty by being there to that category."""

    id: str
    serious_categories: frozenset[str]
    serious_fine: Decimal
    minor_categories: frozenset[str]
    minor_fine_below: Decimal
    minor_fine_below_person: Decimal
    period: Period

    def severity(self, content: Mapping[str, Any], *, person: bool) -> str:
        """minor, general or serious of a penalty whose severity is not stated."""
        imposed, fine = _imposed(content)
        if imposed & self.serious_categories or (fine is not None and fine >= self.serious_fine):
            return "serious"
        limit = self.minor_fine_below_person if person else self.minor_fine_below
        if imposed and imposed <= self.minor_categories and ("fine" not in imposed or (fine is not None and fine < limit)):
            return "minor"
        return "general"


def _imposed(content: Mapping[str, Any]) -> tuple[set[str], Decimal | None]:
    fine: Decimal | None = content.get("fine_amount")
    imposed = {category.split(":", 1)[0] for category in content.get("penalty_categories") or ()}
    if fine:
        imposed.add("fine")
    if content.get("confiscated_amount"):
        imposed.add("confiscate_gains")
    if content.get("licence_affected"):
        imposed.add("suspend_licence")
    return imposed, fine


@dataclass(frozen=True)
class Severity:
    """The versions of the rule."""

    rules: tuple[SeverityRule, ...]

    def of(self, content: Mapping[str, Any], on: date, *, person: bool) -> str:
        """Severity of a penalty decided on a day: as stated, else by the rule in force, else general."""
        stated: str | None = content.get("severity")
        if stated:
            return stated
        for rule in self.rules:
            if rule.period.holds(on):
                return rule.severity(content, person=person)
        return "general"


def severity_of_penalty(content: Mapping[str, Any], policy: Policy) -> str:
    """Severity of a penalty: as stated, else by the rule in force on its day."""
    header = content["header"]
    person = header["subject_id"].startswith("person:") or header["subject_kind"] == "natural_person"
    return severity_of(policy).of(content, header["occurred_on"], person=person)


def severity_of(policy: Policy) -> Severity:
    """The table in a policy."""
    return policy.table("severity", Severity)


def load(text: str, known: Mapping[str, Any], file: str = "severity.toml") -> Severity:
    """Reads the table; raises PolicyError."""
    categories = frozenset(fields_of("PenaltyImposed")["penalty_categories"]["values"])
    found: list[SeverityRule] = []
    for row in read_rows(file, text, "rule"):
        serious, minor = row.texts("serious_categories"), row.texts("minor_categories")
        for category in (*serious, *minor):
            if category not in categories:
                raise row.fail(f"unknown category {category!r}; write one of: {', '.join(sorted(categories))}")
        rule = SeverityRule(
            row.text("id"),
            frozenset(serious),
            _yuan(row.number("serious_fine", least=0)),
            frozenset(minor),
            _yuan(row.number("minor_fine_below", least=0)),
            _yuan(row.number("minor_fine_below_person", least=0)),
            row.period(),
        )
        row.text("legal_basis")
        row.done()
        if any(rule.period.overlaps(other.period) for other in found):
            raise PolicyError(file, row.label, "another row is in force at the same time; part them by their dates")
        found.append(rule)
    return Severity(tuple(found))


def _yuan(amount: float) -> Decimal:
    return Decimal(str(amount))
