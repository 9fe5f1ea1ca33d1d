"""The table generations: which projections there are, by what they were made, and which are live."""

from __future__ import annotations

from typing import Final

import orjson

from connectors.clickhouse.engine import Engine
from schemas.instants import moment
from schemas.records import Generation

_COLUMNS: Final = ("number", "changed_at", "state", "digest", "code_digest", "policy", "calendar", "marks", "lease_until")


class Generations:
    """A generation's row is replaced by the one that changed later."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def generations(self) -> list[Generation]:
        """Every generation as it is now, by number."""
        rows = self._engine.query(
            "SELECT number, toUnixTimestamp64Milli(changed_at), state, digest, code_digest, policy, calendar, marks, "
            "if(isNull(lease_until), NULL, toUnixTimestamp64Milli(assumeNotNull(lease_until))) "
            f"FROM {self._engine.table('generations')} FINAL ORDER BY number"
        )
        return [
            Generation(
                number, digest, code, calendar, orjson.loads(policy), state, moment(changed),
                {int(partition): offset for partition, offset in orjson.loads(marks).items()},
                None if lease is None else moment(lease),
            )
            for number, changed, state, digest, code, policy, calendar, marks, lease in rows
        ]  # fmt: skip

    def generation_states(self) -> list[tuple[int, str, int, int | None]]:
        """(number, state, changed_at, lease_until) of every generation, times in milliseconds since 1970: the cheap look
        that a worker takes again and again."""
        rows = self._engine.query(
            "SELECT number, state, toUnixTimestamp64Milli(changed_at), "
            "if(isNull(lease_until), NULL, toUnixTimestamp64Milli(assumeNotNull(lease_until))) "
            f"FROM {self._engine.table('generations')} FINAL ORDER BY number"
        )
        return [(number, state, changed, lease) for number, state, changed, lease in rows]

    def write_generation(self, one: Generation) -> None:
        """Adds a generation, or what changed of it; ``changed_at`` must be later than before."""
        marks = orjson.dumps({str(partition): offset for partition, offset in one.marks.items()}).decode()
        row = (
            one.number, one.changed_at, one.state, one.digest, one.code_digest, orjson.dumps(dict(one.texts)).decode(),
            one.calendar, marks, one.lease_until,
        )  # fmt: skip
        self._engine.insert("generations", _COLUMNS, [[value] for value in row])
