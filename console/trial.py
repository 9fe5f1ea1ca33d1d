"""A push that is only tried: the gate's own judgement of every row, and nothing is sent, kept or written down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from connectors.clickhouse.client import connect
from connectors.clickhouse.gate_store import GateStore
from connectors.clickhouse.store import Store
from connectors.settings import Settings
from connectors.vault import Vault, create_key
from console.known import LookUp, look_up_in
from console.tally import Answer, Item, Tally
from projections.admission import Duplicate, Rejection, Source, decide_repeat
from projections.admission.kind import Rules
from projections.admission.rules import rules_of
from schemas import wire
from streams.gate.core import examine
from streams.gate.outcomes import Judged, Rejected
from streams.gate.submissions import Submission
from streams.gate.window import Memory
from streams.generations import demand_live, policy_of
from streams.policies import load_made
from streams.topics import ACTS_PARTITIONS

_TOGETHER: Final = 500
_DIGEST_BYTES: Final = 12
_NO_BATCH: Final = "trial"


@dataclass(frozen=True, slots=True)
class Basis:
    """By what is judged: the rules in force, and what the log knows; None where there is no stack to ask."""

    rules: Rules
    look_up: LookUp | None


def basis_of(settings: Settings, patience: float) -> Basis:
    """With a stack, the policy of its live generation and its log; without one, the policy of the settings."""
    if not settings.clickhouse:
        return Basis(rules_of(load_made(settings.policy).policy), None)
    client = connect(settings.clickhouse, settings.database, cluster=settings.cluster)
    policy = policy_of(demand_live(Store(client, settings.database)))
    return Basis(rules_of(policy), look_up_in(GateStore(client, settings.database), patience))


@contextmanager
def passing_vault(now: datetime) -> Iterator[Vault]:
    """A vault that is gone afterwards: persons get pseudonyms that nobody keeps. ``now`` is aware."""
    with TemporaryDirectory(prefix="xinji-") as folder:
        key = Path(folder) / "vault.key"
        create_key(key)
        with Vault.open(Path(folder) / "vault.db", key, who="xinji push --dry-run") as vault:
            yield vault


@dataclass
class Trial:
    """Judges the statements of one source as its gate would now, in their order. ``now`` is UTC. What it remembers of
    statements is two digests of each."""

    source_id: str
    topic: str
    sources: Mapping[str, Source]
    basis: Basis
    now: datetime
    tally: Tally
    _latest: dict[bytes, bytes] = field(default_factory=dict)
    _by_id: dict[bytes, bytes] = field(default_factory=dict)

    def judge(self, items: Iterable[Item]) -> None:
        """Counts what would become of each row."""
        some: list[Item] = []
        for _, row in groupby(items, attrgetter("place")):
            some += map(self.tally.note, row)
            if len(some) >= _TOGETHER:
                self._judge(some)
                some = []
        if some:
            self._judge(some)

    def _judge(self, items: list[Item]) -> None:
        submissions = [one.submission for one in items]
        batch = wire.encode_batch({"batch_id": _NO_BATCH, "source_id": self.source_id, "items": submissions})
        message = Submission(self.source_id, self.topic, 0, 0, batch)
        examined = examine([message], self.sources, self.basis.rules, self.now, ACTS_PARTITIONS)
        memory = self._known([one for one in examined if isinstance(one, Judged)])
        self.tally.count((item, self._answer(one, memory)) for item, one in zip(items, examined, strict=True))

    def _known(self, judged: list[Judged]) -> Memory:
        if self.basis.look_up is None or not judged:
            return Memory()
        acts = {(one.act_key[1], one.act_key[2]) for one in judged}
        ids = {one.id_key for one in judged if one.id_key[1]}
        return Memory(self.basis.look_up(acts, ids).statements)

    def _answer(self, one: Judged | Rejected, memory: Memory) -> Answer:
        if isinstance(one, Rejected):
            return _refused(one.rejection)
        act, own_id = _digest(*one.act_key, one.name), _digest(*one.id_key)
        content = bytes.fromhex(one.digest)[:_DIGEST_BYTES]
        before, used = self._latest.get(act), self._by_id.get(own_id) if one.id_key[1] else None
        about = memory.about(one.act_key) if before is None else []
        verdict = decide_repeat(one.name, one.digest, one.id_key[1], about, memory.with_id(one.id_key))
        if isinstance(verdict, Rejection):
            return _refused(verdict)
        self._latest[act] = content
        if one.id_key[1]:
            self._by_id.setdefault(own_id, content)
        again = content in (before, used) or isinstance(verdict, Duplicate)
        return Answer("duplicate" if again else "admitted", "", "", "", "")


def _refused(why: Rejection) -> Answer:
    return Answer("rejected", why.reason, why.field, why.sentence.en, why.sentence.zh)


def _digest(*parts: str) -> bytes:
    return blake2b("\x1f".join(parts).encode(), digest_size=_DIGEST_BYTES).digest()
