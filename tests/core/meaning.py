"""The questions that the tests ask, so that one test can be put to the oracle and to the real folds alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from schemas.logged import LoggedEvent
from tests.core import oracle

ACT_IRREGULARITIES = frozenset({"invalid_correction", "conflicting_sources", "identity_restated", "not_applicable", "before_act"})


@dataclass(frozen=True)
class PlainAct:
    """An act as corrected; ``content`` holds header and fields in one dictionary."""

    content: dict[str, Any]
    revoked_on: date | None
    void: bool
    irregularities: frozenset[str]


class Meaning(Protocol):
    """What is known of one subject from one list of events."""

    def acts(self) -> dict[str, PlainAct]: ...
    def duties(self, day: date) -> set[oracle.Duty]: ...
    def entries(self) -> dict[str, oracle.Entry]: ...
    def listed(self, day: date, effect: str) -> bool: ...
    def grade(self, day: date) -> oracle.Grade | None: ...


Reading = Callable[[Sequence[LoggedEvent]], Meaning]


class OracleMeaning:
    """The oracle's answers."""

    def __init__(self, events: Sequence[LoggedEvent]) -> None:
        self.made = oracle.acts(events)
        self.shown = oracle.entries(self.made)

    def acts(self) -> dict[str, PlainAct]:
        return {
            act_id: PlainAct(act.content, act.revoked_on, act.void, frozenset(act.irregularities))
            for act_id, act in self.made.items()
        }

    def duties(self, day: date) -> set[oracle.Duty]:
        return oracle.duties(self.made, day)

    def entries(self) -> dict[str, oracle.Entry]:
        return self.shown

    def listed(self, day: date, effect: str) -> bool:
        return oracle.listed(self.shown, day, effect)

    def grade(self, day: date) -> oracle.Grade | None:
        return oracle.grade(self.made, self.shown, day)
