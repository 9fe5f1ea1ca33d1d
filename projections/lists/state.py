"""What a subject's acts say of lists, kept so that its entries are found again only when they may have changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from projections.facts import ActFacts, Kept, Rows, Subject
from projections.grades.sums import Ceiling
from projections.lists.facts import ListFacts, Listing, Unsaid, from_plain
from projections.lists.fold import Entry, ceilings_of, entries_of
from projections.lists.rows import list_rows
from projections.policy import Policy


class Listed(Kept):
    """The facts about lists of one subject's acts, and of the acts that listings rest on whether they are void."""

    __slots__ = ("_bases", "_entries", "_facts", "_plain", "_policy", "_void")

    def __init__(self, _: str, policy: Policy) -> None:
        self._policy = policy
        self._plain: dict[str, Any] = {}
        self._facts: dict[str, ListFacts] = {}
        self._void: dict[str, bool] = {}
        self._bases: set[str] = set()
        self._entries: list[Entry] | None = []

    def put(self, act: ActFacts, facts: Any) -> bool:
        act_id = act.act_id
        changed = act_id in self._bases and self._void.get(act_id) != (act.void if act.made else None)
        if act.made:
            self._void[act_id] = act.void
        else:
            self._void.pop(act_id, None)
        if facts is not None or act_id in self._plain:
            changed = self._replace(act_id, facts) or changed
        if changed:
            self._entries = None
        return changed

    def _replace(self, act_id: str, facts: Any) -> bool:
        if self._plain.get(act_id) == facts:
            return False
        if facts is None:
            del self._plain[act_id], self._facts[act_id]
            return True
        self._plain[act_id] = facts
        one = self._facts[act_id] = from_plain(facts)
        if isinstance(one, Listing):
            self._bases.update(one.basis_act_ids)
        return True

    def rows(self, subject: Subject) -> Rows:
        if not self.decisions:
            return {}
        return list_rows(subject.subject_id, subject.version, self.entries(), self.named_ever, subject.names)

    def ceilings(self) -> Sequence[Ceiling]:
        return ceilings_of(self.entries())

    @property
    def decisions(self) -> bool:
        """Whether there is, or was, a decision to list."""
        return any(isinstance(one, Listing | Unsaid) for one in self._facts.values())

    @property
    def named_ever(self) -> set[str]:
        """Every person whom a listing names or named."""
        return {person for one in self._facts.values() if isinstance(one, Listing | Unsaid) for person in one.ever}

    def entries(self) -> list[Entry]:
        """The entries."""
        if self._entries is None:
            self._entries = entries_of(self._facts.values(), self._void, self._policy)
        return self._entries
