"""What became of the rows of a push, by file and in all, as far as it is known by now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final, NamedTuple

from connectors.files import RowPlace, Said
from schemas.about import NOTHING, About, Place
from schemas.records import ReceiptRow

MOST_LISTED: Final = 100_000
"""Rows of a push that are told one by one; of others there is a count, and `xinji rejected` has them."""
SUPERSEDED: Final = "superseded"
"""Not a reason of admission: the row was not sent, as a later one of its file states the same act."""


@dataclass(frozen=True, slots=True)
class Item:
    """One statement with the place that it came from. Items of one row stand next to each other. ``key``: the subject of
    its row, by which the row's partition is chosen. ``restates``: the row says something else of an act that is known."""

    file: str
    row: int
    sheet: str
    submission: dict[str, Any]
    key: str = ""
    about: About = NOTHING
    restates: bool = False
    said: Said | None = None

    @property
    def place(self) -> tuple[str, str, int]:
        return self.file, self.sheet, self.row


@dataclass(frozen=True, slots=True)
class RowRejection:
    """Why a row was rejected: the first of its statements that was. ``places`` are the rejections of all of them."""

    file: str
    row: int
    reason: str
    field: str
    message: str
    message_zh: str
    sheet: str = ""
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Superseded:
    """A row that was not sent: ``by`` is the later row of its file (of ``by_sheet``) that states the same act otherwise."""

    file: str
    sheet: str
    row: int
    by_sheet: str
    by: int


@dataclass
class Outcome:
    """Counts of rows. ``unacknowledged`` rows got no receipt in time: some may be admitted, pushing again is safe. ``superseded``
    rows were not sent. ``restated``: of those admitted, the ones that say something else of an act than what was known."""

    rows: int = 0
    admitted: int = 0
    duplicates: int = 0
    rejected: list[RowRejection] = field(default_factory=list)
    unacknowledged: int = 0
    events: int = 0
    superseded: int = 0
    restated: int = 0
    more_rejected: int = 0
    """Rejected rows beyond those listed."""

    @property
    def refused(self) -> int:
        """All rejected rows."""
        return len(self.rejected) + self.more_rejected


class Answer(NamedTuple):
    """What became of a statement: an outcome of the gate, and why where it was rejected, and that rejection's place."""

    outcome: str
    reason: str
    field: str
    message: str
    message_zh: str
    place: Place | None = None


def answer_of(receipt: ReceiptRow) -> Answer:
    """What a receipt says."""
    place = Place(receipt.batch_id, receipt.index)
    return Answer(receipt.outcome, receipt.reason, receipt.field, receipt.message, receipt.message_zh, place)


class Tally:
    """Counts what is told, in any order; what it tells of rows keeps the order of the files."""

    def __init__(self) -> None:
        self.superseded: list[Superseded] = []
        self._files: dict[str, Outcome] = {}
        self._sheets: dict[tuple[str, str], int] = {}
        self._rejected: list[tuple[tuple[int, int], RowRejection]] = []

    def begin(self, file: str) -> Outcome:
        """The outcome of a file, which may be one of nothing."""
        return self._files.setdefault(file, Outcome())

    def note(self, item: Item) -> Item:
        """Takes note of an item's place before it is sent."""
        self._sheets.setdefault((item.file, item.sheet), len(self._sheets))
        return item

    def count(self, items: Iterable[tuple[Item, Answer]]) -> None:
        """The statements of some rows, whole."""
        rows: dict[tuple[str, str, int], list[tuple[Item, Answer]]] = {}
        for item, answer in items:
            rows.setdefault(item.place, []).append((item, answer))
        for (file, sheet, row), answers in rows.items():
            self._count(self.begin(file), file, sheet, row, answers)

    def _count(self, of_file: Outcome, file: str, sheet: str, row: int, answers: list[tuple[Item, Answer]]) -> None:
        of_file.rows += 1
        of_file.events += sum(answer.outcome == "admitted" for _, answer in answers)
        if refused := [answer for _, answer in answers if answer.outcome == "rejected"]:
            first, places = refused[0], tuple(one.place for one in refused if one.place is not None)
            self.reject(RowRejection(file, row, first.reason, first.field, first.message, first.message_zh, sheet, places))
        elif all(answer.outcome == "duplicate" for _, answer in answers):
            of_file.duplicates += 1
        else:
            of_file.admitted += 1
            of_file.restated += answers[0][0].restates

    def reject(self, why: RowRejection) -> None:
        """A rejected row, which was counted as a row."""
        if len(self._rejected) >= MOST_LISTED:
            self.begin(why.file).more_rejected += 1
            return
        order = self._sheets.setdefault((why.file, why.sheet), len(self._sheets))
        self._rejected.append(((order, why.row), why))

    def reject_unsent(self, why: RowRejection) -> None:
        """A row that is rejected here and not sent."""
        self.begin(why.file).rows += 1
        self.reject(why)

    def supersede(self, file: str, sheet: str, row: int, by: RowPlace) -> None:
        """A row that is not sent."""
        of_file = self.begin(file)
        of_file.rows += 1
        of_file.superseded += 1
        if len(self.superseded) < MOST_LISTED:
            self.superseded.append(Superseded(file, sheet, row, by.sheet, by.number))

    def give_up(self, items: Iterable[Item]) -> None:
        """Rows without receipts."""
        for file, _, _ in {item.place: None for item in items}:
            of_file = self.begin(file)
            of_file.rows += 1
            of_file.unacknowledged += 1

    @property
    def rows(self) -> int:
        """Rows of which something is known."""
        return sum(one.rows for one in self._files.values())

    @property
    def files(self) -> dict[str, Outcome]:
        """By file, in the order in which they were begun."""
        rejected: dict[str, list[RowRejection]] = {}
        for _, why in sorted(self._rejected, key=itemgetter(0)):
            rejected.setdefault(why.file, []).append(why)
        for file, one in self._files.items():
            one.rejected = rejected.get(file, [])
        return self._files

    def total(self) -> Outcome:
        """Of all files."""
        total = Outcome()
        for one in self._files.values():
            for name in ("rows", "admitted", "duplicates", "unacknowledged", "events", "superseded", "restated", "more_rejected"):
                setattr(total, name, getattr(total, name) + getattr(one, name))
        total.rejected = [why for _, why in sorted(self._rejected, key=itemgetter(0))]
        return total
