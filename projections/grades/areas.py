"""Policy ``areas``: in what area a violation lies where the event does not say (catalogue of rules: severity of penalties)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from projections.policy.table import CERTAINTIES, read_rows
from schemas.registry import fields_of

_SEARCHED: Final = ("violation_type", "penalty_basis")


@dataclass(frozen=True, slots=True)
class AreaRule:
    """``words`` is a regular expression that finds any of the row's words."""

    area: str
    words: re.Pattern[str]


@dataclass(frozen=True)
class Areas:
    """The rows in their order."""

    rules: tuple[AreaRule, ...]

    def of(self, content: Mapping[str, Any]) -> str | None:
        """The area of a penalty: as stated, else of the first row that fits its type of violation or its basis, else none."""
        stated: str | None = content.get("area")
        if stated:
            return stated
        texts = [text for field in _SEARCHED if (text := content.get(field))]
        return next((rule.area for rule in self.rules if any(map(rule.words.search, texts))), None)


def load(text: str, known: Mapping[str, Any], file: str = "areas.toml") -> Areas:
    """Reads the table; raises PolicyError."""
    areas = fields_of("PenaltyImposed")["area"]["values"]
    found: list[AreaRule] = []
    for row in read_rows(file, text, "area"):
        area, words = row.one_of("id", areas), row.texts("words")
        if not words:
            raise row.fail('write words = ["…"], of which any says that the violation is of this area')
        found.append(AreaRule(area, re.compile("|".join(map(re.escape, words)))))
        row.text("legal_basis")
        row.one_of("certainty", CERTAINTIES)
        row.done()
    return Areas(tuple(found))
