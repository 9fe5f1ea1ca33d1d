"""Policy ``authorities``: the class of an authority, from its name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from projections.policy.table import PolicyError, read_rows


@dataclass(frozen=True, slots=True)
class AuthorityClass:
    """A class and the pattern that the names of its authorities match anywhere."""

    id: str
    name: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Authorities:
    """The classes in the order in which they are tried: the first whose pattern is found names the class."""

    classes: tuple[AuthorityClass, ...]

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(one.id for one in self.classes)

    def class_of(self, authority_name: str) -> str | None:
        return next((one.id for one in self.classes if one.pattern.search(authority_name)), None)


def load(text: str, file: str = "authorities.toml") -> Authorities:
    """Reads the table; raises PolicyError."""
    found = []
    for row in read_rows(file, text, "class"):
        try:
            pattern = re.compile(row.text("name_contains"))
        except re.error as problem:
            raise PolicyError(file, row.label, f"name_contains is not a regular expression: {problem}") from problem
        found.append(AuthorityClass(row.text("id"), row.text("name"), pattern))
        row.text("source")
        row.done()
    return Authorities(tuple(found))
