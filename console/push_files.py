"""The files of a push, one after the other: each is read to its end, then its rows are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final

from connectors.files import ActsSaid, Context, FileError, Notes, Profile, ReadFile, ReadRow, read_file
from console.inputs import Input
from console.known import LookUp, restating, together
from console.tally import SUPERSEDED, Item, RowRejection, Tally
from schemas.sentence import Sentence

REPLACED: Final = Sentence(
    "第 {row} 行说的是同一行为而内容不同，以后一行为准，本行未发送",
    "row {row} states the same act otherwise; the later row counts, and this one was not sent",
)


@dataclass
class Files:
    """``errors``: of files that could not be read, of which nothing was sent. ``look_up``: what the log knows; None where it
    cannot be asked. ``refuse``: rows that a later one replaces are rejections."""

    inputs: Sequence[Input]
    profile: Profile
    context: Context
    notes: Notes
    tally: Tally
    look_up: LookUp | None = None
    max_errors: int = 0
    refuse: bool = False
    tell: Callable[[str, int], None] = lambda file, rows: None
    errors: dict[str, FileError] = field(default_factory=dict)

    def items(self) -> Iterator[Item]:
        """What is to be sent, in the order of files and rows. A file that cannot be read is noted, and the next one comes."""
        with closing(ActsSaid()) as acts:
            for number, one in enumerate(self.inputs):
                self.tally.begin(one.shown)
                try:
                    read = self._read(number, one, acts)
                except FileError as problem:
                    self.errors[one.shown] = problem
                    continue
                with closing(read):
                    yield from self._rows(one.shown, read)

    def _read(self, number: int, one: Input, acts: ActsSaid) -> ReadFile:
        return read_file(
            one.path,
            number,
            self.profile,
            self.context,
            acts,
            notes=self.notes,
            max_errors=self.max_errors,
            tell=lambda rows: self.tell(one.shown, rows),
        )

    def _rows(self, file: str, read: ReadFile) -> Iterator[Item]:
        for rows in together(iter(read)):
            counting = [row for row in rows if not self._replaced(file, row)]
            known = restating(counting, self.look_up) if self.look_up is not None else [row.restates for row in counting]
            for row, restates in zip(counting, known, strict=True):
                for one in row.items:
                    yield Item(file, one.row, one.sheet, one.item, one.key, one.about, restates, one.said)

    def _replaced(self, file: str, row: ReadRow) -> bool:
        if row.replaced_by is None:
            return False
        first = row.items[0]
        if self.refuse:
            why = REPLACED.of(row=row.replaced_by.number)
            self.tally.reject_unsent(RowRejection(file, first.row, SUPERSEDED, "header.act_id", why.en, why.zh, first.sheet))
        else:
            self.tally.supersede(file, first.sheet, first.row, row.replaced_by)
        return True
