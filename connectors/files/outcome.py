"""What becomes of a row: events, or a refusal that says what to do."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from schemas.about import NOTHING, About
from schemas.sentence import Sentence, Signal

Event = dict[str, Any]


class RowRefused(Signal):
    """Raised inside the mapping to leave it; never leaves this package."""

    def __init__(self, reason: str, field_name: str, sentence: Sentence) -> None:
        self.reason, self.field, self.sentence = reason, field_name, sentence
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Mapped:
    """The events that a row makes, in order: the act, then its disclosure where the day is known."""

    events: tuple[tuple[str, Event], ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a row makes no event: a reason code of semantics section 5, the field, and what to do.

    ``raw`` is the row as JSON (header to text) without what it says of persons; ``about``: which act it was, if that can be told.
    """

    reason: str
    field: str
    sentence: Sentence
    raw: bytes = dataclasses.field(repr=False)
    about: About = NOTHING

    @property
    def message(self) -> str:
        """What is wrong and what to do, in English."""
        return self.sentence.en


MappedRow = Mapped | Refused
