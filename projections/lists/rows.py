"""The rows of a subject's entries: its own, and one for every person whom its listings name or ever named."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from operator import attrgetter
from typing import Any, Final

from projections.lists.fold import Entry
from projections.subjects.fold import Names, name_on

Row = tuple[Any, ...]
ENTRY: Final = (
    "entry_id", "list", "list_name", "effect", "subject_name", "authority_id", "authority_name", "source_id", "listed_from",
    "listed_to", "end_reason", "reason", "irregularities", "evidence", "legal_basis",
)  # fmt: skip
"""What the rows say of an entry."""
_NAME_AT: Final = ENTRY.index("subject_name")
_before_name: Final = attrgetter(*ENTRY[:_NAME_AT])
_after_name: Final = attrgetter(*ENTRY[_NAME_AT + 1 :])


def list_rows(
    subject_id: str, version: int, entries: Iterable[Entry], named_ever: Collection[str], names: Names
) -> dict[str, list[Row]]:
    """Rows of ``list_rows`` and ``responsible_rows``. A person who is not named any more has a row that says so."""
    own: list[Row] = []
    naming: dict[str, list[Row]] = {person: [] for person in named_ever}
    for one in entries:
        own.append(_row(one, name_on(names, one.listed_from)))
        for person, mask in one.responsible:
            naming.setdefault(person, []).append(_row(one, mask))
    rows = {"list_rows": [(subject_id, version, *_columns(own))]}
    if naming:
        rows["responsible_rows"] = [(person, subject_id, version, *_columns(naming[person])) for person in sorted(naming)]
    return rows


def _row(entry: Entry, name: str) -> Row:
    return (*_before_name(entry), name, *_after_name(entry))


def _columns(rows: list[Row]) -> Row:
    return tuple(zip(*rows, strict=True)) if rows else ((),) * len(ENTRY)
