"""A push that is only tried, without a stack: rows are judged as by the gate, and nothing is written anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from console.main import main
from tests.integration.made_up import organisation, penalties, penalty, write_csv


def tried(data: Path, path: Path, *more: str, code: int = 0) -> dict[str, Any]:
    asked = ["push", str(path), "--dry-run", "--json", "--data", str(data), *more]
    done = CliRunner().invoke(main, asked, catch_exceptions=False)
    assert done.exit_code == code, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def everything(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def test_without_a_stack_rows_are_judged_and_nothing_is_written(tmp_path: Path) -> None:
    rows = [penalty(number, 1) for number in range(5)]
    rows[1]["罚款金额（万元）"] = "-1"
    rows[2]["处罚决定日期"] = "2999-01-01"
    rows[3] = rows[0]
    path, data = write_csv(tmp_path / "some.csv", rows), tmp_path / "none"
    before = everything(tmp_path)
    told = tried(data, path, code=3)
    assert (told["rows"], told["admitted"], told["duplicates"]) == (5, 2, 1)
    assert [(one["row"], one["reason"]) for one in told["rejected"]] == [(3, "bad_amount"), (4, "bad_date")]
    assert (told["dry_run"], told["compared_with_log"]) == (True, False)
    assert everything(tmp_path) == before


def test_who_is_not_registered_is_told(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "some.csv", penalties(2, 0))
    told = tried(tmp_path / "none", path, "--source", organisation(7), code=3)
    assert {one["reason"] for one in told["rejected"]} == {"unknown_source"}


def test_more_rows_than_are_judged_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.trial._TOGETHER", 2)
    path = write_csv(tmp_path / "some.csv", [penalty(number % 4, 1) for number in range(9)])
    told = tried(tmp_path / "none", path)
    assert (told["rows"], told["admitted"], told["duplicates"]) == (9, 4, 5)


def test_it_makes_no_receipts(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "some.csv", penalties(1, 0))
    assert "receipts" in tried(tmp_path / "none", path, "--receipts", str(tmp_path / "r.jsonl"), code=2)["message"]
