"""The reduced job, as every peer in Python does it. Imports nothing of the product: a peer knows a topic and its schemas.

For each event: decode it, add one to the subject's count and the fine of a penalty to the subject's sum, emit the new
state. A state is two big-endian 64-bit integers: events, and fines in cents. Everything a peer is told stands in its
environment.
"""

from __future__ import annotations

import io
import json
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastavro import parse_schema, schemaless_reader

STATE: Final = struct.Struct(">qq")
_FRAME: Final = struct.Struct(">bI")


@dataclass(frozen=True, slots=True)
class Job:
    """Where a peer reads and writes. ``state``: a directory of its own; ``schemas``: a JSON file, schema by id."""

    bootstrap: str
    source: str
    target: str
    group: str
    schemas: Path
    state: Path


def job() -> Job:
    """What this process is to do; raises KeyError where it was not told."""
    told = {name: os.environ[f"PEER_{name.upper()}"] for name in ("bootstrap", "source", "target", "group", "schemas", "state")}
    return Job(**{**told, "schemas": Path(told["schemas"]), "state": Path(told["state"])})  # type: ignore[arg-type]


def fines(schemas: Path) -> Callable[[bytes], int]:
    """Decodes one framed event wholly and gives its fine in cents, 0 where it has none."""
    known = {int(number): parse_schema(schema) for number, schema in json.loads(schemas.read_text("utf-8")).items()}

    def fine(value: bytes) -> int:
        _, number = _FRAME.unpack_from(value)
        body = io.BytesIO(value)
        body.seek(_FRAME.size)
        event: Any = schemaless_reader(body, known[number], None)
        amount = event.get("fine_amount")
        return 0 if amount is None else int(amount.scaleb(2))

    return fine
