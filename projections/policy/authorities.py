"""Policy ``authorities``: the class of an authority, from its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from projections.policy.load import Policy
from projections.policy.table import PolicyError, read_rows

_REMEMBERED = 100_000


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
    _known: dict[str, str | None] = field(default_factory=dict, compare=False, repr=False)

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(one.id for one in self.classes)

    def class_of(self, authority_name: str) -> str | None:
        """The class of a name; names come again and again, so what was found is remembered."""
        if authority_name not in self._known:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            found = (one.id for one in self.classes if one.pattern.search(authority_name))
            self._known[authority_name] = next(found, None)
        return self._known[authority_name]


def authorities_of(policy: Policy) -> Authorities:
    """The classes in a policy."""
    return policy.table("authorities", Authorities)


def load(text: str, known: Mapping[str, Any], file: str = "authorities.toml") -> Authorities:
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
