"""Which settings hold: an option wins over the environment, that over the config file, that over the default."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import click
from pydantic import ValidationError

from connectors.settings import Settings
from schemas.sentence import Sentence, Told

CONFIG_NAME: Final = "xinji.toml"
"""The config file that is read where none is named: it stands in the data directory."""
CONFIG_VARIABLE: Final = "XINJI_CONFIG"
_FOUND_BY_DATA: Final = Sentence(
    "数据目录内的配置文件不能设置 data", "a file that is found by the data directory can't name another"
)
META: Final = "console.configuration"
"""Under this key a click context keeps what options said."""


class Origin(StrEnum):
    """Where the value of a setting came from, the strongest first."""

    OPTION = "option"
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


class BadConfig(Told, ValueError):
    """A config file that can't be read; ``path`` names it."""

    says = Sentence("配置文件 {path} 有误：{problem}", "config file {path}: {problem}")

    def __init__(self, path: Path, problem: object) -> None:
        self.path = path
        super().__init__(path=path, problem=problem)


class UnknownSetting(BadConfig):
    """A key that is no setting; ``near`` is what may have been meant, empty where nothing is like it."""

    def __init__(self, path: Path, key: str, near: str) -> None:
        self.key, self.near = key, near
        meant = Sentence("没有设置 {key}；是否应为 {near}？", "no setting is called {key}; did you mean {near}?")
        nothing = Sentence("没有设置 {key}；`xinji settings` 列出全部", "no setting is called {key}; `xinji settings` lists them")
        super().__init__(path, meant.of(key=key, near=near) if near else nothing.of(key=key))


class BadSetting(Told, ValueError):
    """A value that a setting does not take; ``origin`` says where it was given."""

    says = Sentence("设置 {given} 的值有误：{problem}", "{given}: {problem}")

    def __init__(self, name: str, origin: Origin, problem: str) -> None:
        self.name, self.origin = name, origin
        super().__init__(given=_shown(name, origin), problem=problem)


@dataclass(frozen=True, slots=True)
class Configuration:
    """Settings, where each came from, and the config file that was read (None: there was none)."""

    settings: Settings
    origins: Mapping[str, Origin]
    file: Path | None


def configuration(given: Mapping[str, Any], environ: Mapping[str, str]) -> Configuration:
    """The settings by what options say (``given``; ``config`` names a file), the environment and the config file.

    Without a named file that of the data directory is read, if it is there; paths in a file are meant from its folder.
    Raises BadConfig, UnknownSetting, BadSetting.
    """
    options = {name: value for name, value in given.items() if name != "config" and value is not None}
    upper = {key.upper(): value for key, value in environ.items()}
    stated = {name: upper[variable(name)] for name in Settings.model_fields if variable(name) in upper}
    named = given.get("config") or environ.get(CONFIG_VARIABLE)
    path = Path(named) if named else _usual(options, environ)
    filed = _read(path, may_name_data=bool(named)) if named or path.is_file() else {}
    origins = {
        name: Origin.OPTION
        if name in options
        else Origin.ENVIRONMENT
        if name in stated
        else Origin.FILE
        if name in filed
        else Origin.DEFAULT
        for name in Settings.model_fields
    }
    try:
        settings = Settings(**(filed | stated | options))
    except ValidationError as problem:
        first = problem.errors()[0]
        name = str(first["loc"][0])
        raise BadSetting(name, origins[name], first["msg"]) from None
    return Configuration(settings, origins, path if filed or named else None)


def configured() -> Settings:
    """The settings of the command that runs now."""
    return chosen().settings


def chosen() -> Configuration:
    """The settings of the command that runs now, with their origins."""
    context = click.get_current_context(silent=True)
    return configuration(context.meta.get(META, {}) if context else {}, os.environ)


def with_absolute_paths(settings: Settings) -> Settings:
    """The same settings for processes in other working directories."""
    paths = {name: value.absolute() for name, value in settings if isinstance(value, Path)}
    return settings.model_copy(update=paths)


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"XINJI_{name.upper()}"


def flag(name: str) -> str:
    """The option of a setting."""
    return f"--{name.replace('_', '-')}"


def _usual(options: Mapping[str, Any], environ: Mapping[str, str]) -> Path:
    data = options.get("data") or environ.get(variable("data")) or Settings.model_fields["data"].default
    return Path(data) / CONFIG_NAME


def _read(path: Path, *, may_name_data: bool) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise BadConfig(path, str(problem)) from None
    for key in found:
        if key not in Settings.model_fields:
            near = get_close_matches(key.lower().replace("-", "_"), Settings.model_fields, 1)
            raise UnknownSetting(path, key, near[0] if near else "")
    if "data" in found and not may_name_data:
        raise BadConfig(path, _FOUND_BY_DATA)
    folder = path.absolute().parent
    return {name: folder / value if _is_path(name) and isinstance(value, str) else value for name, value in found.items()}


def _is_path(name: str) -> bool:
    return Settings.model_fields[name].annotation in (Path, Path | None)


def _shown(name: str, origin: Origin) -> str:
    return flag(name) if origin is Origin.OPTION else variable(name) if origin is Origin.ENVIRONMENT else name
