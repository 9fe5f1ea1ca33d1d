"""Policy ``lists``: the catalogue of lists, who may decide, for how long (semantics: lists; 国办发〔2020〕49号)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from projections.policy import Policy
from projections.policy.authorities import Authorities
from projections.policy.table import CERTAINTIES, Period, PolicyError, read_rows

EFFECTS: Final = ("serious", "watch", "honour")


@dataclass(frozen=True, slots=True)
class ListRule:
    """One list while its row is in force. ``longest_term_months`` None: no longest term; ``notice_due_from`` None: never due."""

    id: str
    name: str
    effect: str
    authority_classes: frozenset[str]
    legal_basis: str
    longest_term_months: int | None
    notice_due_from: date | None
    repairable: bool
    certainty: str
    period: Period

    @property
    def needs_basis(self) -> bool:
        """Whether an entry without a known basis act is irregular: of lists that weigh on the subject."""
        return self.effect in ("serious", "watch")


@dataclass(frozen=True)
class Lists:
    """The catalogue."""

    rules: tuple[ListRule, ...]

    def find(self, list_id: str, on: date) -> ListRule | None:
        """The list's row in force on a day, None when the catalogue has none."""
        return next((rule for rule in self.rules if rule.id == list_id and rule.period.holds(on)), None)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(rule.id for rule in self.rules))


NEEDS: Final = ("authorities",)


def lists_of(policy: Policy) -> Lists:
    """The catalogue in a policy."""
    return policy.table("lists", Lists)


def load(text: str, known: Mapping[str, Any], file: str = "lists.toml") -> Lists:
    """Reads the table; raises PolicyError."""
    authorities: Authorities = known["authorities"]
    classes = authorities.ids
    found: list[ListRule] = []
    for row in read_rows(file, text, "list"):
        for name in (deciders := row.texts("authority_classes")):
            if name not in classes:
                raise row.fail(f"unknown authority class {name!r}; it must stand in authorities.toml: {', '.join(sorted(classes))}")
        rule = ListRule(
            row.text("id"),
            row.text("name"),
            row.one_of("effect", EFFECTS),
            frozenset(deciders),
            row.text("legal_basis"),
            row.whole("longest_term_months", least=1, optional=True),
            row.day("notice_due_from"),
            row.flag("repairable"),
            row.one_of("certainty", CERTAINTIES),
            row.period(),
        )
        row.done()
        for other in found:
            if other.id == rule.id and other.period.overlaps(rule.period):
                raise PolicyError(file, row.label, f"{rule.id} has another row in force at the same time; part them by their dates")
        found.append(rule)
    return Lists(tuple(found))
