"""A push that fails from its first row on for one reason stops; and what no message can carry is a refusal of its row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.files import AllRefused, load_profile, readers, submissions, submit_items, unless_all_refused
from tests.connectors.files.builders import PENALTY, context, write_csv

BAD = {**PENALTY, "处罚决定日期": "2022-09-31"}
OTHER = {**PENALTY, "罚款金额（万元）": "x"}
PROFILE = load_profile("penalty-2018")


def reasons(path: Path, most: int) -> list[str]:
    found = unless_all_refused(submissions(path, PROFILE, context(PROFILE)), most)
    return [one.item["refused"]["reason"] if one.refused else "sent" for one in found]


@pytest.mark.parametrize(
    ("rows", "most", "expected"),
    [
        ([BAD] * 4, 5, ["bad_date"] * 4),
        ([BAD] * 4 + [PENALTY] + [BAD] * 9, 5, ["bad_date"] * 4 + ["sent"] + ["bad_date"] * 9),
        ([BAD] * 4 + [OTHER] + [BAD] * 9, 5, ["bad_date"] * 4 + ["bad_amount"] + ["bad_date"] * 9),
        ([BAD] * 9, 0, ["bad_date"] * 9),
        ([], 5, []),
    ],
)  # fmt: skip
def test_rows_are_sent_in_their_order(tmp_path: Path, rows: list[dict[str, str]], most: int, expected: list[str]) -> None:
    path = write_csv(tmp_path / "a.csv", [list(PENALTY), *(list(one.values()) for one in rows)])
    assert reasons(path, most) == expected


def test_the_first_rows_of_a_wrong_file_stop_it(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [list(PENALTY), *[list(BAD.values())] * 7])
    with pytest.raises(AllRefused, match="first 5 rows are all refused as bad_date") as stopped:
        reasons(path, 5)
    assert (stopped.value.rows, stopped.value.reason, stopped.value.file) == (5, "bad_date", "a.csv")


def test_a_line_too_long_is_a_refusal_of_that_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "LONGEST_LINE", 1_000)
    lines = [json.dumps({"x": "y" * size}) for size in (10, 5_000, 20)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    profile = load_profile("events")
    found = list(submissions(tmp_path / "a.jsonl", profile, context(profile)))
    long = [(one.row, "more than 1,000 characters" in one.item["refused"]["message"]) for one in found]
    assert long == [(1, False), (2, True), (3, False)]


def test_an_event_too_large_for_a_message_is_a_refusal_of_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submit_items, "LARGEST_EVENT", 20_000)
    rows = [PENALTY, {**PENALTY, "违法事实": "长" * 20_000}, {**BAD, "违法事实": "长" * 20_000}]
    path = write_csv(tmp_path / "a.csv", [list(PENALTY), *(list(one.values()) for one in rows)])
    found = list(submissions(path, PROFILE, context(PROFILE)))
    assert [one.item["refused"] and one.item["refused"]["reason"] for one in found] == [None, "undecodable", "bad_date"]
    assert max(len(one.item["value"]) for one in found) <= 20_000
