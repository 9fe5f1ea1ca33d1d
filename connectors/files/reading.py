"""A file is read to its end before anything of it is sent: then each row is known to count, or which row replaces it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from connectors.files.context import Context
from connectors.files.first_rows import unless_all_refused
from connectors.files.forms import Notes
from connectors.files.profile import Profile
from connectors.files.readers import read_rows
from connectors.files.required import demand_fields
from connectors.files.rows import BrokenRow, Row
from connectors.files.spool import ActsSaid, RowPlace, Spool
from connectors.files.submit_items import Submission, items_of


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row with its items. ``replaced_by``: the later row of the file that states the same act otherwise. ``restates``: a
    file before this one stated the act otherwise."""

    items: list[Submission]
    replaced_by: RowPlace | None
    restates: bool


class ReadFile:
    """A file that was read. ``number``: which of the push's it is."""

    def __init__(self, number: int, spool: Spool, restating: array[int], acts: ActsSaid) -> None:
        self.number, self._spool, self._restating, self._acts = number, spool, restating, acts

    def __len__(self) -> int:
        return self._spool.rows

    def __iter__(self) -> Iterator[ReadRow]:
        restating = iter(self._restating)
        next_one = next(restating, -1)
        for at, items in enumerate(self._spool):
            yield ReadRow(items, self._acts.replaced_by(self.number, items), at == next_one)
            if at == next_one:
                next_one = next(restating, -1)

    def close(self) -> None:
        """Gives the room back that the rows take."""
        self._spool.close()


def read_file(
    path: Path,
    number: int,
    profile: Profile,
    context: Context,
    acts: ActsSaid,
    *,
    notes: Notes | None = None,
    max_errors: int = 0,
    tell: Callable[[int], None] = lambda rows: None,
) -> ReadFile:
    """Reads a file. ``acts`` is that of the push, ``number`` the file's in it. ``max_errors``: so many first rows that are refused
    for one reason stop it, 0: none do. ``tell`` is called with the rows read so far.

    Raises UnreadableFile, NoHeader, FieldLacking, AllRefused, NoRoom; nothing of the file was sent then."""
    spool, restating = Spool(), array("L")
    rows = read_rows(path, profile, notes)
    checked = _with_fields(path.name, profile, rows, context) if max_errors else rows
    try:
        found = unless_all_refused(items_of(path.name, profile, checked, context), max_errors)
        for _, group in groupby(found, key=attrgetter("sheet", "row")):
            items = list(group)
            if acts.note(RowPlace(number, items[0].sheet, items[0].row), items):
                restating.append(spool.rows)
            spool.add(items)
            tell(spool.rows)
        spool.finish()
    except BaseException:
        spool.close()
        raise
    return ReadFile(number, spool, restating, acts)


def _with_fields(file: str, profile: Profile, rows: Iterator[Row | BrokenRow], context: Context) -> Iterator[Row | BrokenRow]:
    """The same rows; of each sheet the first is looked at for what no row of it can have. Raises FieldLacking."""
    sheet: str | None = None
    for row in rows:
        if isinstance(row, Row) and row.sheet != sheet:
            demand_fields(file, profile, row, context)
            sheet = row.sheet
        yield row
