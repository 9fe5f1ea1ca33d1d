"""What stops a whole file, a profile or a setting. None of these quotes a cell: cells may hold personal data."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from schemas.sentence import EMPTY, Sentence, Told, names


def near(wanted: str, known: Iterable[str]) -> tuple[str, ...]:
    """Names that a person may have meant, nearest first, at most three."""
    return tuple(get_close_matches(wanted, sorted(known), n=3, cutoff=0.5))


def did_you_mean(found: tuple[str, ...]) -> Sentence:
    """A question after the names that a person may have meant, nothing where there are none."""
    return Sentence("，是否应为 {names}？", "; did you mean {names}?").of(names=names(found)) if found else EMPTY


NOT_OPENED: Final = Sentence("无法打开（{why}）；请检查路径和权限", "cannot be opened ({why}); check the path and your rights")


class FileError(Told, ValueError):
    """A file cannot be taken in as it is."""


class UnreadableFile(FileError):
    """The file is not of a kind, encoding or form that can be read. ``problem`` says why, and what to do."""

    says = Sentence("{path}：{problem}", "{path}: {problem}")

    def __init__(self, path: Path | str, problem: Sentence) -> None:
        self.path, self.problem = str(path), problem
        super().__init__(path=path, problem=problem)


class NoHeader(FileError):
    """No row of the file looks like the header that the profile knows. ``at``: the row where it stands too far down, else 0."""

    def __init__(self, path: Path | str, profile: str, known: tuple[str, ...], at: int = 0) -> None:
        self.path, self.profile, self.known, self.at = str(path), profile, known, at
        too_far = Sentence(
            "{path}：列名在第 {at} 行，而只在前 30 行中查找；请删去其上的行",
            "{path}: the column names stand in row {at}, and are looked for in the first 30; delete the rows above",
        ).of(path=path, at=at)
        nowhere = Sentence(
            "{path}：前几行中没有映射方案 {profile} 认得的列名（如 {shown}）；"
            "请把列名放在同一行，或换用其他方案，或在自己的方案中加上这些列名",
            "{path}: no header row that the profile {profile} knows among the first rows; it looks for columns such as {shown}: "
            "put the column names in one row, choose another profile, or add the names to a profile of your own",
        ).of(path=path, profile=profile, shown="、".join(known[:12]))
        super().__init__(said=too_far if at else nowhere)


class UnknownProfile(FileError):
    """No profile of this name, and no file at this path."""

    says = Sentence(
        "没有映射方案“{name}”{hint}（自带方案：{shipped}；也可给出 .toml 文件的路径）",
        "no profile {name!r}{hint} (shipped: {shipped}; or give the path of a .toml file)",
    )

    def __init__(self, name: str, shipped: tuple[str, ...]) -> None:
        self.name, self.shipped = name, shipped
        super().__init__(name=name, hint=did_you_mean(near(name, shipped)), shipped=names(shipped))


class BadProfile(FileError):
    """A profile's TOML is wrong: ``file``, ``key`` and what to write."""

    says = Sentence("{file}：{key}：{problem}", "{file}: {key}: {problem}")

    def __init__(self, file: str, key: str, problem: Sentence) -> None:
        self.file, self.key, self.problem = file, key, problem
        super().__init__(file=file, key=key, problem=problem)


class UnknownSetting(FileError):
    """``--set`` names a field that the profile's event does not have."""

    says = Sentence(
        "--set {name}：没有这个字段{hint}（可用字段：{fields}）", "--set {name}: no such field{hint} (fields: {fields})"
    )

    def __init__(self, name: str, known: Iterable[str]) -> None:
        options = tuple(sorted(known))
        self.name, self.near = name, near(name, options)
        super().__init__(name=name, hint=did_you_mean(self.near), fields=names(options))


class BadSetting(FileError):
    """The value given with ``--set`` cannot be read as the field's type."""

    says = Sentence("--set {name}：{problem}", "--set {name}: {problem}")

    def __init__(self, name: str, problem: Sentence) -> None:
        self.name, self.problem = name, problem
        super().__init__(name=name, problem=problem)


def unknown_name(what: Sentence, wanted: str, known: Iterable[str]) -> Sentence:
    """One sentence about a name that does not exist, with near matches and all that do."""
    options = tuple(sorted(known))
    unknown = Sentence("没有{what}“{wanted}”{hint}（可用：{options}）", "unknown {what} {wanted!r}{hint} (write one of: {options})")
    return unknown.of(what=what, wanted=wanted, hint=did_you_mean(near(wanted, options)), options=names(options))
