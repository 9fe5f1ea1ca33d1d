"""What stops a whole file, a profile or a setting. None of these quotes a cell: cells may hold personal data."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path


def near(wanted: str, known: Iterable[str]) -> tuple[str, ...]:
    """Names that a person may have meant, nearest first, at most three."""
    return tuple(get_close_matches(wanted, sorted(known), n=3, cutoff=0.5))


def _did_you_mean(wanted: str, known: Iterable[str]) -> str:
    found = near(wanted, known)
    return f"; did you mean {', '.join(found)}?" if found else ""


class FileError(ValueError):
    """A file cannot be taken in as it is."""


class UnreadableFile(FileError):
    """The file is not of a kind, encoding or form that can be read."""

    def __init__(self, path: Path | str, problem: str, advice: str) -> None:
        self.path, self.problem, self.advice = str(path), problem, advice
        super().__init__(f"{path}: {problem}; {advice}")


class NoHeader(FileError):
    """No row of the file looks like the header that the profile knows. ``at``: the row where it stands too far down, else 0."""

    def __init__(self, path: Path | str, profile: str, known: tuple[str, ...], at: int = 0) -> None:
        self.path, self.profile, self.known, self.at = str(path), profile, known, at
        if at:
            super().__init__(
                f"{path}: the column names stand in row {at}, and are looked for in the first 30; delete the rows above"
            )
            return
        shown = "、".join(known[:12])
        super().__init__(
            f"{path}: no header row that the profile {profile} knows among the first rows; it looks for columns such as {shown}: "
            f"put the column names in one row, choose another profile, or add the names to a profile of your own"
        )


class UnknownProfile(FileError):
    """No profile of this name, and no file at this path."""

    def __init__(self, name: str, shipped: tuple[str, ...]) -> None:
        self.name, self.shipped = name, shipped
        super().__init__(
            f"no profile {name!r}{_did_you_mean(name, shipped)} (shipped: {', '.join(shipped)}; or give the path of a .toml file)"
        )


class BadProfile(FileError):
    """A profile's TOML is wrong: ``file``, ``key`` and what to write."""

    def __init__(self, file: str, key: str, problem: str) -> None:
        self.file, self.key, self.problem = file, key, problem
        super().__init__(f"{file}: {key}: {problem}")


class UnknownSetting(FileError):
    """``--set`` names a field that the profile's event does not have."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        options = tuple(sorted(known))
        self.name, self.near = name, near(name, options)
        super().__init__(f"--set {name}: no such field{_did_you_mean(name, options)} (fields: {', '.join(options)})")


class BadSetting(FileError):
    """The value given with ``--set`` cannot be read as the field's type."""

    def __init__(self, name: str, problem: str) -> None:
        self.name, self.problem = name, problem
        super().__init__(f"--set {name}: {problem}")


def unknown_name(what: str, wanted: str, known: Iterable[str]) -> str:
    """One sentence about a name that does not exist, with near matches and all that do."""
    options = tuple(sorted(known))
    return f"unknown {what} {wanted!r}{_did_you_mean(wanted, options)} (write one of: {', '.join(options)})"
