"""What profiles read, told to people: columns, blank forms that can be filled and pushed, and which profile a file fits."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from connectors.files import load_profile
from connectors.files.fitting import Fit, NoProfileFits, best_of, fits_of, profile_for
from connectors.files.profile_columns import columns_of, heads_of
from connectors.files.profile_loader import shipped
from connectors.files.readers import read_rows
from connectors.files.rows import Row
from connectors.files.template import write_template

FORMS = [name for name in shipped() if not load_profile(name).holds_events]
SAMPLE = Path(__file__).resolve().parents[3] / "console" / "demo" / "sample"


@pytest.mark.parametrize("name", FORMS)
def test_every_column_says_what_it_is_in_both_languages(name: str) -> None:
    columns = columns_of(load_profile(name))
    assert all(one.names and one.what.zh and one.what.en for one in columns)
    assert {one.field for one in columns if one.needed} >= {"code", "occurred_on", "authority_name"}


@pytest.mark.parametrize("name", FORMS)
def test_a_blank_form_that_is_filled_is_read_by_its_profile(name: str, tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    columns = columns_of(load_profile(name))
    write_template(path, columns)
    book = openpyxl.load_workbook(path)
    book.worksheets[0].append(filled := [f"值{at}" for at in range(len(heads_of(columns)))])
    book.save(path)
    (row,) = (one for one in read_rows(path, load_profile(name)) if isinstance(one, Row))
    assert list(row.cells.values()) == filled
    fits = fits_of(path)
    assert (best := best_of(fits)) is not None
    assert (best.profile, best.known) == (name, best.columns)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("penalties-market.csv", "penalty-2018"),
        ("licences-emergency.xlsx", "licence-2018"),
        ("listings.csv", "listing"),
        ("commitments.csv", "commitment"),
        ("registry.csv", "registry"),
        ("notices.jsonl", "events"),
    ],
)
def test_a_file_fits_one_profile(file: str, expected: str) -> None:
    best = best_of(fits_of(SAMPLE / file))
    assert best is not None
    assert best.profile == expected


def test_a_header_says_what_rows_are_that_are_missing_or_broken(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    columns = columns_of(load_profile("penalty-2018"))
    write_template(path, columns)
    assert profile_for([(path, "form.xlsx")]) == "penalty-2018"
    book = openpyxl.load_workbook(path)
    book.worksheets[0].append(["=1+1"] * len(heads_of(columns)))  # a formula that nobody computed
    book.save(path)
    assert profile_for([(path, "form.xlsx")]) == "penalty-2018"


def test_files_of_one_push_fit_one_profile() -> None:
    two = [(SAMPLE / one, one) for one in ("penalties-market.csv", "penalties-tax.csv")]
    assert profile_for(two) == "penalty-2018"
    with pytest.raises(NoProfileFits, match=r"listings.csv: no mapping profile fits alone .*penalty-2018, listing"):
        profile_for([*two, (SAMPLE / "listings.csv", "listings.csv")])


def test_what_lacks_something_or_fits_two_fits_none(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("名称,统一社会信用代码\n甲,x\n", encoding="utf-8")
    fits = fits_of(path)
    assert fits
    assert all(one.lacks for one in fits)
    assert best_of(fits) is None
    with pytest.raises(NoProfileFits, match="--profile"):
        profile_for([(path, "some.csv")])
    assert best_of([Fit("a", 5, 9, ()), Fit("b", 5, 9, ())]) is None
    assert best_of([Fit("a", 5, 9, ()), Fit("b", 4, 9, ())]) == Fit("a", 5, 9, ())
