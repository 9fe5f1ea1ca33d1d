"""Policy ``deadlines``: within what time a duty about an act is to be fulfilled (semantics: duties and deadlines)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from itertools import combinations
from typing import Final

from projections.policy.table import Period, PolicyError, read_rows

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

    def applies(self, kind: str, authority_class: str | None, jurisdiction: str | None, start: date) -> bool:
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.authority_class or self.authority_class == authority_class)
            and (not self.jurisdiction or fnmatchcase(jurisdiction or "", self.jurisdiction))
            and self.period.holds(start)
        )


@dataclass(frozen=True)
class Deadlines:
    """All rows; ``find`` gives the most specific one in force on the starting date."""

    rows: tuple[Deadline, ...]

    def find(self, duty: str, kind: str, authority_class: str | None, jurisdiction: str | None, start: date) -> Deadline | None:
        found = [row for row in self.rows if row.duty == duty and row.applies(kind, authority_class, jurisdiction, start)]
        return max(found, key=lambda row: row.specificity, default=None)


def load(text: str, kinds: frozenset[str], classes: frozenset[str], file: str = "deadlines.toml") -> Deadlines:
    """Reads the table; raises PolicyError, also for two rows of equal specificity that can both apply."""
    found: list[Deadline] = []
    for row in read_rows(file, text, "deadline"):
        duty = row.one_of("duty", DUTIES)
        for kind in (named := row.texts("kinds")):
            if kind not in kinds:
                raise row.fail(f"unknown kind {kind!r}; write one of: {', '.join(sorted(kinds))}")
        authority_class = row.text("authority_class", "")
        if authority_class and authority_class not in classes:
            raise row.fail(f"unknown authority_class {authority_class!r}; authorities.toml has: {', '.join(sorted(classes))}")
        row.one_of("counted_from", COUNTED_FROM[duty])
        row.one_of("fulfilled_by", FULFILLED_BY[duty])
        found.append(
            Deadline(
                row.text("id"),
                duty,
                frozenset(named),
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
