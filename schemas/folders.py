"""Where the contracts stand: one folder per event, found by looking, so that a new event is told to nobody.

``events/<EventName>/`` holds ``schema.avsc``, ``sample.json`` (a full, realistic value) and ``released/`` (every released
version with its golden bytes). ``header/`` holds the record that all events begin with, ``transport/SubmissionBatch/`` the
envelope in which statements travel.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final

from schemas.sentence import Sentence, Told

Schema = dict[str, Any]

BATCH: Final = "SubmissionBatch"
"""Record name of a batch; it is no event, and stands in no catalogue."""
SCHEMA: Final = "schema.avsc"
SAMPLE: Final = "sample.json"
RELEASED: Final = "released"
PINNED: Final = "PINNED"
_EVENTS: Final = "events"


class BadContract(Told, ValueError):
    """A contract's folder cannot be used as it stands. ``advice`` says what to change in it."""

    says = Sentence(
        "模式目录 schemas/{place}：{advice}",
        "schemas/{place}: {advice}",
    )

    def __init__(self, name: str, advice: str) -> None:
        self.name, self.advice = name, advice
        super().__init__(place=place_of(name), advice=advice)


def root() -> Traversable:
    """The package's folder."""
    return resources.files("schemas")


def place_of(name: str) -> str:
    """The folder of an event, or of the batch, as seen from the package."""
    return f"transport/{name}" if name == BATCH else f"{_EVENTS}/{name}"


def folder_of(name: str) -> Traversable:
    """The folder of an event or of the batch; it may not be there."""
    return root().joinpath(*place_of(name).split("/"))


@cache
def event_names() -> tuple[str, ...]:
    """The names of all events that have a folder, in alphabetical order."""
    return tuple(sorted(entry.name for entry in root().joinpath(_EVENTS).iterdir() if entry.name.isidentifier() and entry.is_dir()))


def read_schema(name: str) -> Schema:
    """The schema file of an event or of the batch, as written. Raises BadContract."""
    return _read(name, folder_of(name).joinpath(SCHEMA))


def read_header() -> Schema:
    """The schema file of the shared header record, as written."""
    loaded: Schema = json.loads(root().joinpath("header", SCHEMA).read_text(encoding="utf-8"))
    return loaded


def read_sample(name: str) -> dict[str, Any]:
    """The full value of an event or of the batch, as JSON; empty where there is none yet. Raises BadContract."""
    file = folder_of(name).joinpath(SAMPLE)
    return _read(name, file) if file.is_file() else {}


def read_released(name: str) -> list[Schema]:
    """Every released schema of an event or of the batch, in no order. Raises BadContract."""
    folder = folder_of(name).joinpath(RELEASED)
    files = [entry for entry in folder.iterdir() if entry.name.endswith(".avsc")] if folder.is_dir() else []
    return [_read(name, file) for file in files]


def read_pinned(name: str) -> list[list[str]]:
    """The words of each line of ``PINNED``: number, name, version, fingerprint, digest."""
    pinned = folder_of(name).joinpath(RELEASED, PINNED)
    lines = pinned.read_text(encoding="utf-8").splitlines() if pinned.is_file() else []
    return [line.split() for line in lines if line and not line.startswith("#")]


def _read(name: str, file: Traversable) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadContract(name, f"{file.name} is missing: write it, or remove the folder") from None
    except ValueError as problem:
        raise BadContract(name, f"{file.name} is not JSON: {problem}") from problem
    return loaded
