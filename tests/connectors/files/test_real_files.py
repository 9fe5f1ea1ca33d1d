"""The real files that stand beside the repository: what becomes of every row, and that a push can be repeated."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from connectors.files import load_profile, submissions
from schemas import wire
from tests.connectors.files.builders import context

FOLDER = Path(os.environ.get("XINJI_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data")
pytestmark = pytest.mark.skipif(not FOLDER.is_dir() and not os.environ.get("CI"), reason=f"no real files in {FOLDER}")

AUTHORITY = "name:国家公共信用信息中心"
ECOMMERCE = {"list": "ecommerce-serious", "occurred_on": "2017-11-01", "term_months": "36", "authority_id": AUTHORITY}
FINANCIAL = {"list": "financial-serious", "occurred_on": "2017-11-15", "authority_id": AUTHORITY}


@pytest.mark.parametrize(
    ("file", "profile", "given", "counts"),
    [
        (
            "zhejiang_2017_enterprises.csv",
            "registry",
            {"occurred_on": "2017-12-31"},
            {"uscc": 26388, "regno": 4281, "bad_identifier": 97},
        ),
        ("ecommerce_serious_list_2017.csv", "listing", ECOMMERCE, {"uscc": 475, "regno": 23, "org": 1, "bad_identifier": 1}),
        (
            "financial_serious_list_2017_ocr.csv",
            "listing",
            FINANCIAL,
            {"uscc": 48, "org": 305, "bad_identifier": 87, "unidentified_subject": 50},
        ),
        ("licences_sample.csv", "licence-2018", {}, {"uscc": 20}),
        ("commitments_sample.csv", "commitment", {}, {"uscc": 5}),
    ],
)
def test_every_row_of_a_real_file(file: str, profile: str, given: dict[str, str], counts: dict[str, int]) -> None:
    loaded = load_profile(profile)
    found: Counter[str] = Counter()
    contents: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for one in submissions(FOLDER / file, loaded, context(loaded, given)):
        if one.refused:
            found[one.item["refused"]["reason"]] += 1
            assert len(one.item["value"]) > 10
            continue
        name, event = wire.decode(one.item["value"], one.item["fingerprint"])
        subject = event["header"]["subject_id"]
        found[subject.partition(":")[0] if ":" in subject else "uscc"] += 1
        contents[subject, event["header"]["act_id"], name].add(wire.content_digest(name, event))
    assert found == counts
    assert [key for key, several in contents.items() if len(several) > 1] == []
