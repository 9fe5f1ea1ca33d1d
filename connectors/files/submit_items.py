"""Rows to items of a submission batch (schemas/transport/SubmissionBatch.avsc), each with its place in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from connectors.files.context import Context
from connectors.files.forms import Notes
from connectors.files.mapping import map_row
from connectors.files.outcome import Mapped, MappedRow, Refused
from connectors.files.profile import Profile
from connectors.files.readers import read_rows
from connectors.files.rows import BrokenRow, Row
from schemas import registry, wire

_TOGETHER: Final = 200


@dataclass(frozen=True, slots=True)
class Submission:
    """One item of a batch, and where it came from. A row may give two (an act and its disclosure). ``key`` is the subject
    of the row's first statement, empty where the row was refused."""

    file: str
    row: int
    sheet: str
    item: dict[str, Any] = field(repr=False)
    key: str = ""

    @property
    def refused(self) -> bool:
        """Whether the connector refused the row."""
        return self.item["refused"] is not None


def submissions(path: Path, profile: Profile, context: Context, notes: Notes | None = None) -> Iterator[Submission]:
    """All items of a file, in the order of its rows; ``notes`` learns which rows were left out. Raises UnreadableFile, NoHeader."""
    return items_of(path.name, profile, read_rows(path, profile, notes), context)


def items_of(file: str, profile: Profile, rows: Iterable[Row | BrokenRow], context: Context) -> Iterator[Submission]:
    """Items of rows that were read elsewhere; ``file`` is the name that origins show.

    Rows are taken some hundred at a time, so that the vault writes once for all new persons among them.
    """
    source = iter(rows)
    while chunk := list(islice(source, _TOGETHER)):
        with nullcontext() if context.vault is None else context.vault.together():
            done = [
                Submission(file, row.number, row.sheet, item, _key(mapped))
                for row in chunk
                for mapped in (map_row(profile, row, context),)
                for item in row_items(mapped, f"{file}:{row.place}")
            ]
        yield from done


def row_items(mapped: MappedRow, origin: str) -> list[dict[str, Any]]:
    """The SubmissionItem records of one mapped row."""
    if isinstance(mapped, Refused):
        return [_refusal(mapped, origin)]
    try:
        return [_item(wire.encode(name, event), registry.fingerprint_of(name), origin) for name, event in mapped.events]
    except wire.Unencodable as problem:  # its detail quotes values
        return [_refusal(_unencodable(mapped, problem.name), origin)]


def _key(mapped: MappedRow) -> str:
    if isinstance(mapped, Refused) or not mapped.events:
        return ""
    subject_id: str = mapped.events[0][1]["header"]["subject_id"]
    return subject_id


def _item(value: bytes, fingerprint: str, origin: str) -> dict[str, Any]:
    return {"value": value, "fingerprint": fingerprint, "origin": origin, "refused": None}


def _refusal(refused: Refused, origin: str) -> dict[str, Any]:
    why = {"reason": refused.reason, "field": refused.field, "message": refused.message}
    return {"value": refused.raw, "fingerprint": None, "origin": origin, "refused": why}


def _unencodable(mapped: Mapped, name: str) -> Refused:
    return Refused(
        "undecodable",
        "",
        f"the row's values do not fit {name}: a number is too large or a text is not Unicode; correct the row",
        b"{}",
    )
