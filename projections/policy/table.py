"""Reading one policy table (TOML): every problem names the file, the row, and what to write."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, Final

from schemas.sentence import Sentence, Told

CERTAINTIES: Final = ("law", "to be checked", "default")
"""How sure a row's source is: its text was read, is still to be checked, or the row is this product's own."""


class PolicyError(Told, ValueError):
    """A policy table is not usable. Carries ``file``, ``row`` and ``advice``, the sentence that says what to write."""

    says = Sentence(
        "{file}，{row}：{advice}",
        "{file}, {row}: {advice}",
    )

    def __init__(self, file: str, row: str, advice: str) -> None:
        self.file, self.row, self.advice = file, row, advice
        super().__init__(file=file, row=row, advice=advice)


@dataclass(frozen=True, slots=True)
class Period:
    """When a row is in force: ``[from, to)``; None is open."""

    start: date | None
    end: date | None

    def holds(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def overlaps(self, other: Period) -> bool:
        return (self.end is None or other.start is None or other.start < self.end) and (
            other.end is None or self.start is None or self.start < other.end
        )


class Row:
    """One table of a TOML file, read field by field; ``done`` refuses what nobody asked for."""

    def __init__(self, file: str, label: str, data: Mapping[str, Any]) -> None:
        self.file, self.label, self._data = file, label, data
        self._read: set[str] = set()

    def fail(self, advice: str) -> PolicyError:
        return PolicyError(self.file, self.label, advice)

    def _take(self, key: str) -> Any:
        self._read.add(key)
        return self._data.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without a default it must stand there and not be empty."""
        value = self._take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value.strip():
            raise self.fail(f'write {key} = "…" (a text)')
        return value

    def one_of(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """A text out of a closed list."""
        value = self.text(key, default)
        if value not in (choices := list(allowed)):
            raise self.fail(f"{key} = {value!r} is unknown; write one of: {', '.join(choices)}")
        return value

    def number(self, key: str, *, least: float | None = None) -> float:
        """A number (integers and halves stay exact in a float)."""
        value = self._take(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fail(f"write {key} = a number")
        if least is not None and value < least:
            raise self.fail(f"{key} = {value} is too small; write a number of at least {least:g}")
        return float(value)

    def whole(self, key: str, *, least: int = 0, optional: bool = False) -> int | None:
        """A whole number; None where it is optional and absent."""
        if optional and key not in self._data:
            self._read.add(key)
            return None
        value = self.number(key, least=least)
        if value != int(value):
            raise self.fail(f"write {key} = a whole number")
        return int(value)

    def needed(self, key: str, *, least: int = 0) -> int:
        """A whole number that must be there."""
        value = self.whole(key, least=least)
        assert value is not None
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, empty where it is absent."""
        value = self._take(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            raise self.fail(f'write {key} = ["…", "…"] (a list of texts)')
        return tuple(value)

    def flag(self, key: str, default: bool | None = None) -> bool:
        """True or false; without a default it must stand there."""
        value = self._take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, bool):
            raise self.fail(f"write {key} = true or {key} = false")
        return value

    def day(self, key: str) -> date | None:
        """A date, None where it is absent."""
        value = self._take(key)
        if value is None:
            return None
        if isinstance(value, datetime) or not isinstance(value, date):
            raise self.fail(f"write {key} = 2018-07-01 (a date without quotation marks)")
        return value

    def period(self) -> Period:
        start, end = self.day("effective_from"), self.day("effective_to")
        if start and end and end <= start:
            raise self.fail("effective_to must lie after effective_from (the first day on which it no longer holds)")
        return Period(start, end)

    def rows(self, key: str) -> list[Row]:
        """The tables ``[[…key]]`` below this one."""
        value = self._take(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.fail(f"write each {key} as a table of its own: [[…{key}]]")
        return [Row(self.file, f"{self.label}, {key} {one.get('id', number)}", one) for number, one in enumerate(value, 1)]

    def done(self) -> None:
        """Refuses keys that were not read: a misspelt key must not be silently without effect."""
        for key in self._data:
            if key not in self._read:
                near = get_close_matches(key, self._read, 1)
                hint = f"; did you mean {near[0]}?" if near else f"; known here: {', '.join(sorted(self._read))}"
                raise self.fail(f"unknown key {key}{hint}")


def read_rows(file: str, text: str, key: str) -> Iterator[Row]:
    """The tables ``[[key]]`` of a policy file; raises PolicyError when the file is not TOML or holds anything else."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise PolicyError(file, "the file", f"it is not valid TOML: {problem}") from problem
    top = Row(file, "the file", data)
    top.text("title")
    found = top.rows(key)
    top.done()
    for number, row in enumerate(found, 1):
        row.label = f"row {number} ({row._data.get('id', 'without id')})"
        yield row
