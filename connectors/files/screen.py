"""What must not leave the edge: numbers of persons in free text, in document numbers, in the names of files.

The gate looks again; but what it rejects has stood on a topic by then. The rules are those of admission, which the caller hands
in: connectors know no projections.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from connectors.persons import REDACTED
from schemas.sentence import Sentence


class Problem(Protocol):
    """Why an event may not leave: a reason code of semantics section 5, the field, and what to do."""

    @property
    def reason(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def sentence(self) -> Sentence: ...


@dataclass(frozen=True, slots=True)
class Screen:
    """``problem``: of an event (its name, its fields, its bytes). ``holds_number``: whether a text holds a person's number."""

    problem: Callable[[str, Mapping[str, Any], bytes], Problem | None]
    holds_number: Callable[[str], bool]

    def text(self, text: str) -> str:
        """The text, or a mark in its place."""
        return REDACTED if self.holds_number(text) else text

    def raw(self, raw: bytes) -> bytes:
        """A refused row as JSON, without texts that hold a number; keys are texts, too."""
        return json.dumps(self._clean(json.loads(raw)), ensure_ascii=False).encode() if raw else raw

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(key): self._clean(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._clean(inner) for inner in value]
        return REDACTED if isinstance(value, int | float) and self.holds_number(str(value)) else value
