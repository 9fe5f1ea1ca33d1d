"""Policy ``deadlines``: within what time a duty about an act is to be fulfilled (semantics: duties and deadlines)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from itertools import combinations
from typing import Any, Final

from projections.policy import Policy
from projections.policy.authorities import Authorities
from projections.policy.table import Period, PolicyError, read_rows
from schemas.catalogue import KINDS

_REMEMBERED: Final = 10_000
DUTIES: Final = ("disclose", "report", "withdraw")
COUNTED_FROM: Final = {"disclose": ("occurred_on",), "report": ("occurred_on",), "withdraw": ("revoked_on or the correction",)}
FULFILLED_BY: Final = {
    "disclose": ("ActDisclosed",),
    "report": ("recorded_at",),
    "withdraw": ("DisclosureWithdrawn or a later ActDisclosed",),
}


@dataclass(frozen=True, slots=True)
class Deadline:
    """One row: ``amount`` working or calendar days. Empty ``kinds``, class or jurisdiction mean any."""

    id: str
    duty: str
    kinds: frozenset[str]
    authority_class: str
    jurisdiction: str
    amount: int
    unit: str
    legal_basis: str
    period: Period

    @property
    def specificity(self) -> tuple[bool, int, bool]:
        """An authority class before a jurisdiction (a longer pattern first) before kinds."""
        return bool(self.authority_class), len(self.jurisdiction.rstrip("*")), bool(self.kinds)

    def applies(self, kind: str, authority_class: str | None, jurisdiction: str | None) -> bool:
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.authority_class or self.authority_class == authority_class)
            and (not self.jurisdiction or fnmatchcase(jurisdiction or "", self.jurisdiction))
        )


Fitting = dict[str, list[Deadline]]


@dataclass(frozen=True)
class Deadlines:
    """All rows; ``find`` gives the most specific one in force on the starting date."""

    rows: tuple[Deadline, ...]
    _fitting: dict[tuple[str, str | None, str | None], Fitting] = field(default_factory=dict, compare=False, repr=False)

    def fitting(self, kind: str, authority_class: str | None, jurisdiction: str | None) -> Fitting:
        """The rows that apply, by duty, the most specific first. Acts are alike: what was found is remembered."""
        key = (kind, authority_class, jurisdiction)
        found = self._fitting.get(key)
        if found is None:
            if len(self._fitting) > _REMEMBERED:
                self._fitting.clear()
            found = self._fitting[key] = {}
            for row in sorted(self.rows, key=lambda row: row.specificity, reverse=True):
                if row.applies(kind, authority_class, jurisdiction):
                    found.setdefault(row.duty, []).append(row)
        return found

    def find(self, duty: str, kind: str, authority_class: str | None, jurisdiction: str | None, start: date) -> Deadline | None:
        """The row of a duty that applies to one act."""
        return in_force(self.fitting(kind, authority_class, jurisdiction).get(duty), start)


def in_force(rows: Sequence[Deadline] | None, start: date) -> Deadline | None:
    """The most specific of the rows in force on the starting date."""
    for row in rows or ():
        if row.period.holds(start):
            return row
    return None


NEEDS: Final = ("authorities",)


def deadlines_of(policy: Policy) -> Deadlines:
    """The table in a policy."""
    return policy.table("deadlines", Deadlines)


def load(text: str, known: Mapping[str, Any], file: str = "deadlines.toml") -> Deadlines:
    """Reads the table; raises PolicyError, also for two rows of equal specificity that can both apply."""
    authorities: Authorities = known["authorities"]
    classes = authorities.ids
    found: list[Deadline] = []
    for row in read_rows(file, text, "deadline"):
        duty = row.one_of("duty", DUTIES)
        for kind in (kinds := row.texts("kinds")):
            if kind not in KINDS:
                raise row.fail(f"unknown kind {kind!r}; write one of: {', '.join(sorted(KINDS))}")
        authority_class = row.text("authority_class", "")
        if authority_class and authority_class not in classes:
            raise row.fail(f"unknown authority_class {authority_class!r}; authorities.toml has: {', '.join(sorted(classes))}")
        row.one_of("counted_from", COUNTED_FROM[duty])
        row.one_of("fulfilled_by", FULFILLED_BY[duty])
        found.append(
            Deadline(
                row.text("id"),
                duty,
                frozenset(kinds),
                authority_class,
                row.text("jurisdiction", ""),
                row.needed("amount", least=1),
                row.one_of("unit", ("working", "calendar")),
                row.text("legal_basis"),
                row.period(),
            )
        )
        row.done()
        if any(other.id == found[-1].id for other in found[:-1]):
            raise row.fail(f"{found[-1].id} stands twice; give each row an id of its own")
    _refuse_ties(found, file)
    return Deadlines(tuple(found))


def _refuse_ties(rows: list[Deadline], file: str) -> None:
    for one, other in combinations(rows, 2):
        if (
            one.duty == other.duty
            and one.specificity == other.specificity
            and one.authority_class == other.authority_class
            and one.jurisdiction == other.jurisdiction
            and (not one.kinds or not other.kinds or one.kinds & other.kinds)
            and one.period.overlaps(other.period)
        ):
            raise PolicyError(
                file,
                other.id,
                f"it ties with {one.id}: both can apply to the same act on the same day. "
                "Give one an authority_class, a jurisdiction or kinds, or part them by their dates",
            )
