"""Functions that are made for one schema each: Python text, written field by field and compiled once.

A general reader asks at every field of every event what the schema says there; these were told beforehand. They are for
plain values of plain types, and give up on everything else: whoever calls one then goes the general way, whose answer
counts. So nothing but time depends on them, and tests hold them to the general way.
"""

from __future__ import annotations

from typing import Any

from schemas.sentence import Signal


class GivesUp(Signal, ValueError):
    """A schema's type, a value or bytes that a compiled function is not made for."""


def compiled(parameters: str, lines: list[str], names: dict[str, Any], schema: str) -> Any:
    """The function of these lines, which may use these names; ``schema`` is what a traceback shows."""
    text = "\n".join([f"def made({parameters}):", *(f"    {line}" for line in lines)])
    scope: dict[str, Any] = {"GivesUp": GivesUp, **names}
    exec(compile(text, f"<made for {schema}>", "exec"), scope)
    return scope["made"]


class Lines:
    """Lines of a function that is being written, and the names that they use."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {}
        self._count = 0

    def add(self, *lines: str) -> None:
        """Adds lines as they are."""
        self.lines += lines

    def name(self) -> str:
        """A variable that nothing else is called."""
        self._count += 1
        return f"v{self._count}"

    def indent(self, start: int, levels: int = 1) -> None:
        """Puts the lines from a place on deeper."""
        self.lines[start:] = [f"{'    ' * levels}{line}" for line in self.lines[start:]]
