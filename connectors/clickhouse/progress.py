"""How far the workers are: the table progress."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connectors.clickhouse.engine import Engine
from schemas.instants import moment
from schemas.records import Positions

_COLUMNS = ("stage", "generation", "topic_partition", "next_offset", "recorded_at")


class Progress:
    """Stages: ``landed`` (of the log, generation 0) and ``projected`` (of each generation)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def progress(self, stage: str, generation: int = 0) -> Positions:
        """How far a stage is: partition -> (next offset, recorded_at of its last event)."""
        rows = self._engine.query(
            "SELECT topic_partition, next_offset, toUnixTimestamp64Milli(recorded_at) FROM "
            f"{self._engine.table('progress')} FINAL WHERE stage = {{stage:String}} AND generation = {{generation:UInt32}} "
            "ORDER BY topic_partition",
            {"stage": stage, "generation": generation},
        )
        return {partition: (offset, moment(recorded)) for partition, offset, recorded in rows}

    def advance(self, reached: Mapping[tuple[str, int], Mapping[int, tuple[int, datetime]]]) -> None:
        """Remembers positions by (stage, generation), in one insert; one that is behind what is known changes nothing."""
        rows = [
            (stage, generation, partition, offset, recorded)
            for (stage, generation), positions in reached.items()
            for partition, (offset, recorded) in positions.items()
        ]
        self._engine.insert("progress", _COLUMNS, list(zip(*rows, strict=True)))
