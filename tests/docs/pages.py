"""The pages and what stands in them: text, links, code blocks, command lines."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
README: Final = ROOT / "README.md"
CHANGELOG: Final = ROOT / "CHANGELOG.md"
DOCS: Final = ROOT / "docs"
PAGES: Final = (README, CHANGELOG, *sorted(DOCS.rglob("*.md")))

_BLOCK: Final = re.compile(
    r"^(?P<fence>`{3,})(?P<kind>[\w-]*)[ \t]*(?P<label>[^\n]*)\n(?P<text>.*?)^(?P=fence)[ \t]*$", re.DOTALL | re.MULTILINE
)
_LINK: Final = re.compile(r"\]\((?P<target>[^)\s]+)\)")
_INLINE: Final = re.compile(r"`([^`\n]+)`")
_HEADING: Final = re.compile(r"^#+ (?P<text>.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced code block: its kind (``sql``), the words after the kind, and its text."""

    page: Path
    kind: str
    label: str
    text: str


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def page(name: str) -> str:
    """The text of a page of docs/ by its name, such as ``analysts``."""
    return text_of(DOCS / f"{name}.md")


def blocks(of: Path, kind: str | None = None) -> list[Block]:
    """The code blocks of a page, of one kind or all."""
    found = [Block(of, one["kind"], one["label"].strip(), one["text"]) for one in _BLOCK.finditer(text_of(of))]
    return [one for one in found if kind is None or one.kind == kind]


def labelled(of: Path, label: str) -> str:
    """The text of the one block of a page with this label."""
    (found,) = [one.text for one in blocks(of) if one.label == label]
    return found


def prose(of: Path) -> str:
    """A page without its code blocks."""
    return _BLOCK.sub("", text_of(of))


def links(of: Path) -> Iterator[str]:
    """Targets of the links of a page."""
    return (one["target"] for one in _LINK.finditer(prose(of)))


def inline(of: Path) -> set[str]:
    """What stands between single back-quotes on a page."""
    return set(_INLINE.findall(prose(of)))


def anchors(of: Path) -> set[str]:
    """Anchors of the headings of a page, as GitHub makes them."""
    return {re.sub(r"[^\w\- ]", "", one["text"].strip().lower()).replace(" ", "-") for one in _HEADING.finditer(prose(of))}


def command_lines(of: Path) -> Iterator[list[str]]:
    """The words of every ``xinji`` command line of a page: in ``sh`` and ``console`` blocks, and between back-quotes."""
    lines = [line for one in blocks(of) if one.kind in ("sh", "console") for line in _joined(one.text)]
    for line in (*lines, *sorted(inline(of))):  # in one order, as every process that runs tests must find the same
        plain = re.sub(r"^(?:\$ )?(?:[A-Z_]+=\S+ )*", "", line.strip())
        if plain.startswith("xinji "):
            yield shlex.split(plain, comments=True)


def _joined(text: str) -> list[str]:
    """Lines of a shell block; a line that ends in a backslash goes on in the next."""
    return text.replace("\\\n", " ").splitlines()
