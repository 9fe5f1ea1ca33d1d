"""What a subject's acts say of lists, kept so that its entries are found again only when they may have changed."""

from __future__ import annotations

from projections.lists.facts import ListFacts, Listing, Unsaid
from projections.lists.fold import Entry, entries_of
from projections.policy import Policy


class Listed:
    """The facts about lists of one subject's acts, and of the acts that listings rest on whether they are void."""

    __slots__ = ("_bases", "_entries", "_facts", "_policy", "_void")

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._facts: dict[str, ListFacts] = {}
        self._void: dict[str, bool] = {}
        self._bases: set[str] = set()
        self._entries: list[Entry] | None = []

    def put(self, act_id: str, made: bool, void: bool, facts: ListFacts | None) -> bool:
        """Adds or replaces one act. Whether entries may be others now."""
        changed = act_id in self._bases and self._void.get(act_id) != (void if made else None)
        if made:
            self._void[act_id] = void
        else:
            self._void.pop(act_id, None)
        if facts is not None or act_id in self._facts:
            changed = changed or self._facts.get(act_id) != facts
            if facts is None:
                del self._facts[act_id]
            else:
                self._facts[act_id] = facts
                if isinstance(facts, Listing):
                    self._bases.update(facts.basis_act_ids)
        if changed:
            self._entries = None
        return changed

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
