"""The subjects that the projector remembers: the latest used ones, as many as their acts allow."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from projections.evaluation import SubjectState


class Subjects:
    """States by subject id. What is taken is out until it is kept again: a round that fails leaves no half-changed state.
    ``hits`` and ``misses`` count what was and was not remembered."""

    def __init__(self, most_acts: int) -> None:
        self._most_acts, self._acts = most_acts, 0
        self.hits = self.misses = 0
        self._states: OrderedDict[str, tuple[SubjectState, int]] = OrderedDict()

    def take(self, subject_id: str) -> SubjectState | None:
        """Takes a state out, None where none is remembered."""
        found = self._states.pop(subject_id, None)
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        self._acts -= found[1]
        return found[0]

    def keep(self, states: Mapping[str, SubjectState]) -> None:
        """Remembers states; forgets those used longest ago beyond the bound."""
        for subject_id, state in states.items():
            acts = state.acts
            self._states[subject_id] = state, acts
            self._acts += acts
        while self._acts > self._most_acts and self._states:
            self._acts -= self._states.popitem(last=False)[1][1]

    @property
    def acts(self) -> int:
        """The acts of the subjects that are remembered."""
        return self._acts

    def clear(self) -> None:
        self._states.clear()
        self._acts = 0

    def __len__(self) -> int:
        return len(self._states)
