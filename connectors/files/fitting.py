"""Which of the shipped profiles a file's header fits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from connectors.files import marks
from connectors.files.errors import FileError, NoHeader
from connectors.files.forms import Notes
from connectors.files.profile import normal_header
from connectors.files.profile_loader import load_profile, shipped
from connectors.files.readers import read_rows
from connectors.files.required import lacking
from connectors.files.values import text_of
from schemas.sentence import Sentence, names

_LINES: Final = (".jsonl", ".ndjson")
_EVENTS: Final = "events"
_NONE: Final = Sentence("无", "none")


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a profile fits: it knows so many of so many columns, and these required fields are nowhere."""

    profile: str
    known: int
    columns: int
    lacks: tuple[str, ...]


class NoProfileFits(FileError):
    """No shipped profile fits a file alone, or its files fit several. ``found``: the profiles that know columns of it."""

    says = Sentence(
        "{file}：没有唯一合适的映射方案（认得部分列的：{found}）；请用 --profile 指明，或用 `xinji profiles guess` 查看",
        "{file}: no mapping profile fits alone (these know columns of it: {found}); name one with --profile, or see "
        "`xinji profiles guess`",
    )

    def __init__(self, file: str, found: tuple[str, ...]) -> None:
        self.file, self.found = file, found
        super().__init__(file=file, found=names(found) if found else _NONE)


def profile_for(files: Iterable[tuple[Path, str]]) -> str:
    """The profile that fits all of some files, each with the name by which it is told. Raises NoProfileFits, and what
    ``fits_of`` raises."""
    chosen = ""
    for path, shown in files:
        best = best_of(fits := fits_of(path))
        if best is None or (chosen and best.profile != chosen):
            raise NoProfileFits(shown, (chosen, best.profile) if best else tuple(one.profile for one in fits))
        chosen = best.profile
    return chosen


def fits_of(path: Path) -> list[Fit]:
    """The shipped profiles that know columns of a file, the best first. Raises UnreadableFile and its kin."""
    if path.suffix.lower() in _LINES:
        return [Fit(_EVENTS, 1, 1, ())]
    found = []
    for name in shipped():
        profile = load_profile(name)
        if profile.holds_events:
            continue
        notes = Notes(take_hidden=True)
        try:
            next(read_rows(path, profile, notes), None)
        except NoHeader:
            continue
        _, cells = next(iter(notes.headers.values()))  # rows may be missing, or broken: the header says what they are
        headers = tuple(text for cell in cells if not marks.is_added(cell) and (text := text_of(cell)))
        known = sum(normal_header(one) in profile.known_headers() for one in headers)
        found.append(Fit(name, known, len(headers), tuple(lacking(profile, headers))))
    return sorted(found, key=lambda one: (len(one.lacks), -one.known, one.profile))


def best_of(fits: list[Fit]) -> Fit | None:
    """The one that fits: it lacks nothing, and no other that lacks nothing knows as many columns."""
    whole = [one for one in fits if not one.lacks]
    if not whole or (len(whole) > 1 and whole[1].known == whole[0].known):
        return None
    return whole[0]
