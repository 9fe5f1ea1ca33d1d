"""A file is read before it is sent: which of its rows count, which a later one replaces, and what no row of it can have."""

from __future__ import annotations

import csv
import json
import resource
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from connectors.files import ActsSaid, FieldLacking, NoRoom, Profile, ReadRow, load_profile, read_file, spool
from tests.connectors.files.builders import FIRM, PENALTY, context

PROFILE = load_profile("penalty-2018")
OTHER = {**PENALTY, "违法事实": "别的说法"}
THIRD = {**PENALTY, "违法事实": "第三种说法"}
BAD = {**PENALTY, "处罚决定日期": "2022-09-31"}
ELSEWHERE = {**PENALTY, "行政处罚决定书文号": "泰体罚字〔2021〕8号"}


def written(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(path: Path, acts: ActsSaid, number: int = 0, profile: Profile = PROFILE, max_errors: int = 0) -> list[ReadRow]:
    with closing(read_file(path, number, profile, context(profile), acts, max_errors=max_errors)) as found:
        return list(found)


def replaced(rows: list[ReadRow]) -> list[int]:
    """Of each row, the number of the row that replaces it, 0 where it counts."""
    return [row.replaced_by.number if row.replaced_by else 0 for row in rows]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((PENALTY, OTHER), [3, 0]),
        ((PENALTY, OTHER, ELSEWHERE, THIRD), [5, 5, 0, 0]),
        ((PENALTY, PENALTY), [0, 0]),
        ((PENALTY, OTHER, PENALTY), [0, 4, 0]),
        ((PENALTY, ELSEWHERE), [0, 0]),
    ],
)
def test_the_last_row_of_an_act_counts(tmp_path: Path, rows: tuple[dict[str, str], ...], expected: list[int]) -> None:
    with closing(ActsSaid()) as acts:
        assert replaced(read(written(tmp_path / "a.csv", *rows), acts)) == expected


def test_what_has_an_id_of_its_own_and_what_is_about_an_act_is_not_replaced(tmp_path: Path) -> None:
    header = {"subject_id": FIRM, "authority_id": FIRM, "occurred_on": "2021-04-06"}
    act = f"penalty/{FIRM}/1"
    lines = [
        {"event": "PenaltyImposed", "header": {**header, "act_id": act, "source_event_id": "1"}, "remark": "a"},
        {"event": "PenaltyImposed", "header": {**header, "act_id": act, "source_event_id": "2"}, "remark": "b"},
        {"event": "ActCorrected", "header": {**header, "act_id": act}, "fields": {"remark": '"c"'}},
        {"event": "ActCorrected", "header": {**header, "act_id": act}, "fields": {"violation_type": '"d"'}},
        {"event": "PenaltyImposed", "header": {**header, "act_id": act}, "remark": "e"},
        {"event": "PenaltyImposed", "header": {**header, "act_id": act}, "remark": "f"},
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    with closing(ActsSaid()) as acts:
        assert replaced(read(path, acts, profile=load_profile("events"))) == [0, 0, 0, 0, 6, 0]


def test_a_later_file_restates_what_an_earlier_one_said(tmp_path: Path) -> None:
    with closing(ActsSaid()) as acts:
        first = read(written(tmp_path / "a.csv", PENALTY, ELSEWHERE), acts)
        second = read(written(tmp_path / "b.csv", OTHER, THIRD, ELSEWHERE), acts, number=1)
    assert [row.restates for row in first] == [False, False]
    assert replaced(second) == [3, 0, 0]
    assert [row.restates for row in second] == [True, True, False]


def test_rows_come_back_as_they_were_from_memory_and_from_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "a.csv", {**PENALTY, "公示日期": ""}, BAD, {**ELSEWHERE, "公示日期": "2021-05-01"})
    found = []
    for most in (8_000_000, 1):
        monkeypatch.setattr(spool, "_IN_MEMORY", most)
        with closing(ActsSaid()) as acts:
            found.append([row.items for row in read(path, acts)])
    assert found[0] == found[1]
    assert [[one.row for one in items] for items in found[0]] == [[2], [3], [4, 4]]
    assert [items[0].refused for items in found[0]] == [False, True, False]
    assert found[0][2][1].said is not None
    assert found[0][2][1].said.event == "ActDisclosed"


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """A quota: no file of this process grows beyond ``size`` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_says_so_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "_IN_MEMORY", 1)
    path = written(tmp_path / "a.csv", *[PENALTY] * 50)
    with closing(ActsSaid()) as acts, files_of_at_most(10_000), pytest.raises(NoRoom, match="TMPDIR"):
        read(path, acts)


@pytest.mark.parametrize(
    ("profile", "left_out", "lacking"),
    [
        ("penalty-2018", "处罚决定日期", "occurred_on"),
        ("penalty-2018", "处罚机关", "authority_name"),
    ],
)
def test_a_field_that_no_row_can_have_stops_the_file(tmp_path: Path, profile: str, left_out: str, lacking: str) -> None:
    row = {name: text for name, text in PENALTY.items() if not name.startswith(left_out)}
    path = written(tmp_path / "a.csv", row)
    with closing(ActsSaid()) as acts, pytest.raises(FieldLacking, match=f"--set {lacking}=") as stopped:
        read(path, acts, profile=load_profile(profile), max_errors=1000)
    assert stopped.value.field == lacking
    assert left_out in str(stopped.value)
    with closing(ActsSaid()) as acts:
        assert len(read(path, acts, profile=load_profile(profile))) == 1  # --max-errors 0 sends it all the same


def test_a_list_that_nobody_named_stops_the_file(tmp_path: Path) -> None:
    profile = load_profile("listing")
    path = written(tmp_path / "a.csv", {"企业名称": "甲", "统一社会信用代码": FIRM, "列入日期": "2021-01-01", "列入机关": "某局"})
    with closing(ActsSaid()) as acts, pytest.raises(FieldLacking, match="--set list="):
        read(path, acts, profile=profile, max_errors=1000)
    given = context(profile, {"list": "judgment-defaulter"})
    with closing(ActsSaid()) as acts, closing(read_file(path, 0, profile, given, acts, max_errors=1000)) as found:
        assert len(found) == 1
