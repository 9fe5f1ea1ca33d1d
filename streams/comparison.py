"""One table compared key by key: how many there are on either side, which differ and how, and a digest of each side."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass
class Verdict:
    """One table's comparison: how many keys the replay and ClickHouse have, and which differ and how."""

    table: str
    replayed: int = 0
    live: int = 0
    differing: dict[str, str] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=lambda: {"replayed": 0, "live": 0})

    def compare(self, key: str, replayed: str | None, live: str | None) -> None:
        """Takes what one key has on either side, None where it is missing."""
        same = replayed == live
        if replayed is not None:
            told = _sum(key, replayed)
            self.sums["replayed"] ^= told
            self.replayed += 1
        if live is not None:
            self.sums["live"] ^= told if same else _sum(key, live)
            self.live += 1
        if same:
            return
        if live is None:
            self.differing[key] = "missing in ClickHouse"
        elif replayed is None:
            self.differing[key] = "in ClickHouse and not in the log"
        else:
            self.differing[key] = "other content in ClickHouse than the log gives"

    def add(self, other: Verdict) -> None:
        """Takes in what was found of other keys of the same table."""
        self.replayed += other.replayed
        self.live += other.live
        self.differing |= other.differing
        for side in self.sums:
            self.sums[side] ^= other.sums[side]

    def digest(self, side: str) -> str:
        """Digest over all keys of a side (``replayed`` or ``live``), independent of their order."""
        return f"{self.sums[side]:064x}"


def _sum(key: str, value: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{key}\0{value}".encode()).digest(), "big")
