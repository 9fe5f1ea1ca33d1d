"""A file whose first rows all fail for one reason: a forgotten ``--set`` or a wrong profile, not so many wrong rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors.files.errors import FileError
from connectors.files.submit_items import Submission


class AllRefused(FileError):
    """The first ``rows`` rows of a file are refused for one ``reason`` in one ``field``; ``said`` is what to do about the first."""

    def __init__(self, file: str, rows: int, reason: str, field: str, said: str) -> None:
        self.file, self.rows, self.reason, self.field, self.said = file, rows, reason, field, said
        super().__init__(
            f"{file}: the first {rows:,} rows are all refused as {reason}{f' ({field})' if field else ''}, so nothing of it was "
            f"sent. Of the first of them: {said}. Is a --set missing, or is it another profile's file? "
            "--max-errors 0 sends it all the same"
        )


def unless_all_refused(found: Iterable[Submission], most: int) -> Iterator[Submission]:
    """The same, but for rows at the beginning that are all refused for one reason: these are held back until another row
    comes. Raises AllRefused at the ``most``-th of them; 0: never."""
    held: list[Submission] = []
    source = iter(found)
    for one in source if most else ():
        if not one.refused or (held and _why(one) != _why(held[0])):
            yield from held
            yield one
            break
        held.append(one)
        if len(held) == most:
            reason, field = _why(one)
            raise AllRefused(one.file, most, reason, field, held[0].item["refused"]["message"])
    else:
        yield from held
    yield from source


def _why(one: Submission) -> tuple[str, str]:
    refused = one.item["refused"]
    return refused["reason"], refused["field"]
