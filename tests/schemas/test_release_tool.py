"""The tool releases what is new, never writes what is released, and refuses what would break old bytes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas import compat, contract, folders, registry, release
from schemas.registry import BATCH, Schema

Grow = Callable[[str, dict[str, Any]], Schema]


@pytest.fixture
def grow(monkeypatch: pytest.MonkeyPatch) -> Grow:
    """Adds a field to an event's, or the batch's, current schema, and gives the schema back."""

    def add(name: str, field: dict[str, Any]) -> Schema:
        schema = copy.deepcopy(release.source(name))
        schema["fields"].append(field)
        monkeypatch.setattr(release, "source", lambda wanted: schema if wanted == name else registry.source(wanted))
        return schema

    return add


def test_nothing_is_written_when_all_is_released(tmp_path: Path) -> None:
    assert release.release(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_released_is_written_and_pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "pins", tuple)
    added = release.release(tmp_path)
    assert [(pin.name, pin.version) for pin in added] == [(name, 1) for name in release.NAMES]
    for pin in added:
        folder = tmp_path / folders.place_of(pin.name) / "released"
        assert release.digest(release.files_of(pin, folder)) == pin.digest
        lines = (folder / "PINNED").read_text(encoding="utf-8").splitlines()
        assert lines[1:] == [f"{pin.number} {pin.name} 1 {pin.fingerprint} {pin.digest}"]
        assert lines[0] == folders.folder_of(pin.name).joinpath("released", "PINNED").read_text(encoding="utf-8").splitlines()[0]


def test_a_new_field_needs_a_sample(grow: Grow) -> None:
    grow("ActDisclosed", {"name": "page", "type": ["null", "string"], "default": None, "doc": "网页 / page"})
    with pytest.raises(release.NotReleasable, match=r"page into schemas/events/ActDisclosed/sample\.json"):
        release.new_version("ActDisclosed", release.pins())


def test_a_new_field_needs_a_default(grow: Grow) -> None:
    grow("ActDisclosed", {"name": "page", "type": "string", "doc": "网页 / page"})
    with pytest.raises(compat.Incompatible, match=r"ActDisclosed\.page: default_missing"):
        release.new_version("ActDisclosed", release.pins())


def test_a_new_field_keeps_the_rules_of_the_house(grow: Grow) -> None:
    grow("ActDisclosed", {"name": "page", "type": ["null", "string"], "default": None, "doc": "page"})
    with pytest.raises(contract.Broken, match="page: say in"):
        release.new_version("ActDisclosed", release.pins())


def test_a_changed_batch_needs_a_number(grow: Grow) -> None:
    grow(BATCH, {"name": "note", "type": ["null", "string"], "default": None, "doc": "说明 / note"})
    with pytest.raises(release.NotReleasable, match="number of its own"):
        release.new_version(BATCH, release.pins())


def test_main_says_what_is_wrong(grow: Grow, capsys: pytest.CaptureFixture[str]) -> None:
    grow("ActDisclosed", {"name": "page", "type": "string", "doc": "网页 / page"})
    assert release.main() == 1
    assert "give it a default" in capsys.readouterr().err
