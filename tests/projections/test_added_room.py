"""A new capability is one folder: put beside the others its policy, columns, rows and view are found, and nothing is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.core.builders import SUBJECT
from tests.house import House

MADE_UP = Path(__file__).parent / "made_up"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    house = House(tmp_path_factory.mktemp("house"))
    house.add(MADE_UP / "fines", "projections")
    loaded: dict[str, Any] = house.told("-m", "tests.projections.in_the_house")
    return loaded


def test_its_table_and_its_column_of_the_acts_rows_are_found(told: dict[str, Any]) -> None:
    assert told["tables"] == ["act_rows", "fine_rows", "grade_rows", "list_rows", "responsible_rows", "subject_rows"]
    assert told["last column"] == "counted"
    assert told["counted"] == [False, True, True]


def test_its_rows_of_a_subject_change_with_the_acts_that_it_counts(told: dict[str, Any]) -> None:
    assert told["unchanged"] == []
    assert told["changed"] == [[SUBJECT, 3, 2, 350.5]]


def test_its_view_is_explained_and_answers(told: dict[str, Any]) -> None:
    assert told["view"] == "罚款合计（元） / their sum in yuan"
    assert told["asked"] == [[2, 350.5], [2]]


def test_its_policy_table_is_loaded_and_checked(told: dict[str, Any]) -> None:
    assert told["policy"] == 'title = "罚款 / fines"'
    assert told["refused"] == "unknown key most; known here: id, least"
