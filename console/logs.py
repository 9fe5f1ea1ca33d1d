"""The logs of an embedded stack: their last lines, and what is added to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

_BLOCK: Final = 65_536


def last_lines(path: Path, count: int) -> list[str]:
    """The last lines of a file, however large it is; none where there is no file."""
    return _ending(path, count)[0] if count else []


def follow(paths: Mapping[str, Path], count: int, wait: Callable[[], object]) -> Iterator[tuple[str, str]]:
    """The last lines of several files and then each line that is added, with the name of its file, for ever. Files that begin
    anew or come later are read from their beginning; ``wait`` is called when there is nothing new."""
    places = {}
    for name, path in paths.items():
        lines, places[name] = _ending(path, count)
        yield from ((name, line) for line in lines)
    while True:
        found = False
        for name, path in paths.items():
            lines, places[name] = _added(path, places[name])
            found = found or bool(lines)
            yield from ((name, line) for line in lines)
        if not found:
            wait()


def _ending(path: Path, count: int) -> tuple[list[str], int]:
    """The last whole lines, and where they end."""
    try:
        with path.open("rb") as file:
            size = begin = file.seek(0, 2)
            text = b""
            while begin and text.count(b"\n") <= count:
                begin = max(0, begin - _BLOCK)
                file.seek(begin)
                text = file.read(size - begin)
    except FileNotFoundError:
        return [], 0
    whole = text[: text.rfind(b"\n") + 1]
    lines = whole.decode("utf-8", "replace").split("\n")[:-1]
    return lines[len(lines) - count :] if count < len(lines) else lines, size - len(text) + len(whole)


def _added(path: Path, place: int) -> tuple[list[str], int]:
    try:
        with path.open("rb") as file:
            if file.seek(0, 2) < place:
                place = 0
            file.seek(place)
            text = file.read(_BLOCK * 16)
    except FileNotFoundError:
        return [], 0
    whole = text[: text.rfind(b"\n") + 1]
    return whole.decode("utf-8", "replace").split("\n")[:-1], place + len(whole)
