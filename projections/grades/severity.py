"""Policy ``severity``: how grave a penalty is (semantics: grades; catalogue of rules: severity of penalties)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from projections.grades.areas import Areas
from projections.policy import Policy
from projections.policy.table import Period, PolicyError, Row, read_rows
from schemas.registry import fields_of

NEEDS: Final = ("areas",)
_NO_PENALTY: Final = {"no_penalty"}


@dataclass(frozen=True, slots=True)
class SeverityRule:
    """Fines in yuan. Special (特定严重) is a penalty of one of these categories in one of these areas, where the row names any."""

    id: str
    special_categories: frozenset[str]
    special_areas: frozenset[str]
    serious_categories: frozenset[str]
    serious_fine: Decimal
    minor_categories: frozenset[str]
    minor_fine_below: Decimal
    minor_fine_below_person: Decimal
    period: Period

    def severity(self, content: Mapping[str, Any], areas: Areas, *, person: bool) -> str:
        """special, serious, minor or general of a penalty whose severity is not stated."""
        imposed, fine = _imposed(content)
        if imposed & self.special_categories and areas.of(content) in self.special_areas:
            return "special"
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
    areas: Areas

    def of(self, content: Mapping[str, Any], on: date, *, person: bool) -> str:
        """Severity of a penalty decided on a day: none where it says that no penalty is imposed (不予处罚) and nothing else,
        else as stated, else by the rule in force, else general."""
        if "no_penalty" in (content.get("penalty_categories") or ()) and _imposed(content)[0] == _NO_PENALTY:
            return "none"
        stated: str | None = content.get("severity")
        if stated:
            return stated
        for rule in self.rules:
            if rule.period.holds(on):
                return rule.severity(content, self.areas, person=person)
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
    found: list[SeverityRule] = []
    for row in read_rows(file, text, "rule"):
        rule = SeverityRule(
            row.text("id"),
            _values(row, "special_categories", "penalty_categories"),
            _values(row, "special_areas", "area"),
            _values(row, "serious_categories", "penalty_categories"),
            _yuan(row.number("serious_fine", least=0)),
            _values(row, "minor_categories", "penalty_categories"),
            _yuan(row.number("minor_fine_below", least=0)),
            _yuan(row.number("minor_fine_below_person", least=0)),
            row.period(),
        )
        row.text("legal_basis")
        row.done()
        if any(rule.period.overlaps(other.period) for other in found):
            raise PolicyError(file, row.label, "another row is in force at the same time; part them by their dates")
        found.append(rule)
    return Severity(tuple(found), known["areas"])


def _values(row: Row, key: str, field: str) -> frozenset[str]:
    """The values of a field of penalties that a row lists."""
    known = fields_of("PenaltyImposed")[field]["values"]
    for value in (listed := row.texts(key)):
        if value not in known:
            raise row.fail(f"unknown value {value!r} in {key}; write one of: {', '.join(sorted(known))}")
    return frozenset(listed)


def _yuan(amount: float) -> Decimal:
    return Decimal(str(amount))
