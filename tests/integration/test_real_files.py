"""The real files that stand beside the repository, through the whole stack: the figures of the issue."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.integration.checks import clean, digests, nothing_lost_or_doubled
from tests.integration.stacks import EmbeddedStack, Stack

FOLDER = Path(os.environ.get("XINJI_SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data")
pytestmark = [
    pytest.mark.stack,
    pytest.mark.long,
    pytest.mark.skipif(not FOLDER.is_dir() and not os.environ.get("CI"), reason=f"no real files in {FOLDER}"),
]

CENTRE = "authority_id=name:国家公共信用信息中心"
ECOMMERCE = ("list=ecommerce-serious", "occurred_on=2017-11-01", "term_months=36", CENTRE)
FINANCIAL = ("list=financial-serious", "occurred_on=2017-11-15", CENTRE)
FILES = {
    "zhejiang_2017_enterprises.csv": (
        "registry",
        ("occurred_on=2017-06-30", "authority_id=name:浙江省市场监督管理局"),
        {"uscc": 26_388, "regno": 4_281},
        {"bad_identifier": 97},
    ),
    "ecommerce_serious_list_2017.csv": ("listing", ECOMMERCE, {"uscc": 475, "regno": 23, "org": 1}, {"bad_identifier": 1}),
    "financial_serious_list_2017_ocr.csv": (
        "listing",
        FINANCIAL,
        {"uscc": 48, "org": 305},
        {"bad_identifier": 87, "unidentified_subject": 50},
    ),
    "licences_sample.csv": ("licence-2018", (), {"uscc": 20}, {}),
    "commitments_sample.csv": ("commitment", (), {"uscc": 5}, {}),
}
_SUBJECTS = "SELECT if(position(subject_id, ':') > 0, splitByChar(':', subject_id)[1], 'uscc') AS kind, count() FROM xinji.acts"


@pytest.fixture(scope="module")
def stack(embedded: EmbeddedStack) -> Stack:
    """The embedded one: what a file becomes does not depend on the broker."""
    return embedded


def push(stack: Stack, file: str) -> Any:
    profile, given, _, refused = FILES[file]
    return stack.push(FOLDER / file, profile, *(part for one in given for part in ("--set", one)), code=3 if refused else 0)


@pytest.fixture(scope="module")
def first(stack: Stack) -> dict[str, tuple[Any, Counter[str]]]:
    """What each push said, and how many events of which kind of subject it added."""
    said = {}
    before: Counter[str] = Counter()
    for file in FILES:
        told = push(stack, file)
        after = Counter(dict(stack.rows(f"{_SUBJECTS} GROUP BY kind")))
        said[file], before = (told, after - before), after
    return said


@pytest.mark.parametrize("file", FILES)
def test_every_row_is_admitted_or_refused_for_its_reason(first: dict[str, tuple[Any, Counter[str]]], file: str) -> None:
    _, _, identified, refused = FILES[file]
    told, added = first[file]
    assert (told["rows"], told["admitted"], told["duplicates"]) == (
        sum(identified.values()) + sum(refused.values()),
        sum(identified.values()),
        0,
    )
    assert Counter(one["reason"] for one in told["rejected"]) == refused
    assert added == identified
    assert all(
        one.keys() >= {"file", "row", "reason", "field", "message", "message_zh"} and one["message"] for one in told["rejected"]
    )


def unplaced(told: dict[str, Any]) -> dict[str, Any]:
    """What a push said, without the places of its rejections, which are those of its batches."""
    return told | {"rejected": [{name: value for name, value in one.items() if name != "places"} for one in told["rejected"]]}


def test_the_lists_on_a_day(stack: Stack, first: dict[str, tuple[Any, Counter[str]]]) -> None:
    def listed(day: str, list_: str) -> set[str]:
        return {one for (one,) in stack.rows(f"SELECT subject_id FROM xinji.blacklist_as_of(d = '{day}') WHERE list = '{list_}'")}

    def decided(list_: str) -> set[str]:
        return {
            one
            for (one,) in stack.rows(
                "SELECT subject_id FROM xinji.acts WHERE event = 'ListingDecided' AND "
                f"JSONExtractString(content, 'list') = '{list_}'"
            )
        }

    ecommerce, financial = decided("ecommerce-serious"), decided("financial-serious")
    assert len(ecommerce) > 450
    assert len(financial) > 300
    assert (listed("2017-10-31", "ecommerce-serious"), listed("2017-11-14", "financial-serious")) == (set(), set())
    assert (listed("2018-06-30", "ecommerce-serious"), listed("2018-06-30", "financial-serious")) == (ecommerce, financial)
    assert (listed("2020-11-02", "ecommerce-serious"), listed("2020-11-02", "financial-serious")) == (set(), financial)
    shown = stack.run("sql", "SELECT count() AS listed FROM blacklist_as_of(d = '2018-06-30')", "--json").json
    assert int(shown[0]["listed"]) == sum(FILES[file][2][kind] for file in FILES if "serious" in file for kind in FILES[file][2])


def test_pushed_again_there_are_only_duplicates(stack: Stack, first: dict[str, tuple[Any, Counter[str]]]) -> None:
    nothing_lost_or_doubled(stack)
    clean(stack)
    before, log = digests(stack), stack.landed()
    for file, (told, _) in first.items():
        again = push(stack, file)
        assert unplaced(again) == unplaced(told | {"admitted": 0, "duplicates": told["admitted"]})
    assert (digests(stack), stack.landed()) == (before, log)
