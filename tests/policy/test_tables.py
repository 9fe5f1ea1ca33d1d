"""Policy tables are checked when they are loaded: an error names file, row and what to write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from projections.calendar import Calendar
from projections.duties.deadlines import deadlines_of
from projections.policy import PolicyError, load, packaged, packaged_texts

TABLES = packaged_texts()


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def added(row: str) -> Callable[[str], str]:
    return lambda text: f"{text}\n{row}\n"


CASES = [
    ("deadlines", replaced('duty = "disclose"', 'duty = "discloze"'), "write one of: disclose"),
    ("deadlines", replaced("amount = 7", "amount = 0"), "at least 1"),
    ("deadlines", replaced('id = "report-7"', 'id = "disclose-7"'), "stands twice"),
    ("deadlines", replaced('\nauthority_class = "market_regulation"', ""), "ties with disclose-7"),
    ("deadlines", replaced('authority_class = "market_regulation"', 'authority_class = "market"'), "authorities.toml has"),
    ("lists", replaced("repairable = true", 'repairable = "yes"'), "repairable = true or"),
    ("lists", replaced('certainty = "law"', 'certainty = "sure"'), "write one of: law"),
    ("lists", replaced('effect = "serious"', 'effekt = "serious"'), "write effect"),
    (
        "lists",
        added('[[list]]\nid = "watch"\nname = "x"\neffect = "watch"\nlegal_basis = "x"\nrepairable = true\ncertainty = "law"'),
        "another row in force",
    ),
    ("lists", replaced("effective_from = 2016-05-30", "effective_from = 2016-05-30\neffective_to = 2016-05-30"), "must lie after"),
    ("beginnings", replaced('id = "listing_removal"', 'id = "listing"\nsince = 1'), "unknown key since"),
    ("beginnings", replaced('id = "listing_removal"', 'id = "delisting"'), "write one of"),
    ("grades", replaced("points = -30,", "points = -30.3,"), "whole or a half"),
    ("grades", replaced('field = "severity"\nin = ["minor"]', 'in = ["minor"]'), "write field"),
    ("grades", replaced('field = "severity"\nin = ["minor"]', 'field = "penalty_categories"\nin = ["fine"]'), "is no text"),
    ("grades", replaced('in = ["minor"]', 'in = ["tiny"]'), "never 'tiny'"),
    ("grades", replaced('event = "CommitmentFulfilled"', 'event = "ActDisclosed"'), "is unknown; write one of"),
    (
        "grades",
        replaced('event = "CommitmentFulfilled"', 'event = "CommitmentFulfilled"\nfield = "remark"\nin = ["x"]'),
        "takes no condition",
    ),
    ("grades", replaced('id = "penalty-general"', 'id = "penalty-minor"'), "stands twice"),
    ("grades", replaced("from = 70", "from = 90"), "from the best grade to the worst"),
    ("grades", replaced("base = 80", "base = 500"), "0 to 100"),
    ("grades", replaced("until_months = 12", "until_months = 0"), "at least 1"),
    ("severity", replaced('"warning"', '"warnings"'), "unknown value 'warnings' in minor_categories"),
    ("severity", replaced('"drug", "environment"', '"drugs", "environment"'), "unknown value 'drugs' in special_areas"),
    ("areas", replaced('"食品"', ""), "write words"),
    ("severity", replaced("minor_fine_below = 10000", "minor_fine_belov = 10000"), "write minor_fine_below"),
    ("amounts", replaced('"fine_amount"', '"fine"'), "write one of: amount, confiscated_amount, fine_amount, paid"),
    ("amounts", replaced("most_yuan = 1", "most_yuan = -1"), "at least 1"),
    (
        "amounts",
        added('[[amount]]\nid = "x"\nfields = ["fine_amount"]\nmost_yuan = 1\nbasis = "x"\ncertainty = "law"'),
        "another row",
    ),
    ("authorities", replaced('name_contains = "法院"', 'name_contains = "(法院"'), "not a regular expression"),
    ("calendar", added('[[year]]\nnotice = "x"\ncovers_until = 2027-12-31\ndays_off = ["2027-13-01"]'), "is no date"),
    ("calendar", added("title = 1"), "not valid TOML"),
]


@pytest.mark.parametrize(("table", "change", "advice"), CASES)
def test_a_wrong_table_is_refused_with_its_file_and_what_to_write(table: str, change: Callable[[str], str], advice: str) -> None:
    with pytest.raises(PolicyError, match=r".toml") as raised:
        load({table: change(TABLES[table])})
    assert raised.value.file == f"{table}.toml"
    assert raised.value.row
    assert advice in str(raised.value)


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(PolicyError, match="no such policy table"):
        load({"greades": ""})


def test_the_digest_changes_with_any_byte() -> None:
    assert load({}).digest == packaged().digest
    assert load({"lists": TABLES["lists"] + "\n"}).digest != packaged().digest


def test_days_of_a_later_notice_are_added_without_a_release() -> None:
    notice = '[[year]]\nnotice = "made up"\ncovers_until = 2027-12-31\ndays_off = ["2027-01-01"]\nmake_up_days = ["2027-01-03"]\n'
    calendar = load({"calendar": TABLES["calendar"] + "\n" + notice}).calendar
    assert not calendar.is_working_day(date(2027, 1, 1))
    assert calendar.is_working_day(date(2027, 1, 3))
    assert not calendar.due(date(2026, 12, 30), 3, "working").provisional
    assert packaged().calendar.due(date(2026, 12, 30), 3, "working").provisional


def test_the_calendar_comes_back_from_its_text() -> None:
    calendar = packaged().calendar
    again = Calendar.from_text(calendar.text)
    assert again.digest == calendar.digest
    assert again.due(date(2026, 9, 25), 7, "working") == calendar.due(date(2026, 9, 25), 7, "working")


def test_the_most_specific_deadline_applies() -> None:
    local = (
        '[[deadline]]\nid = "local-5"\nduty = "disclose"\nkinds = ["penalty"]\njurisdiction = "3704*"\n'
        'amount = 5\nunit = "working"\n'
        'counted_from = "occurred_on"\nfulfilled_by = "ActDisclosed"\nlegal_basis = "made up"\neffective_from = 2020-01-01\n'
    )
    deadlines = deadlines_of(load({"deadlines": TABLES["deadlines"] + "\n" + local}))
    asked = {
        ("market_regulation", "370402"): "disclose-market-regulation-20",
        (None, "370402"): "local-5",
        (None, "330100"): "disclose-7",
        (None, None): "disclose-7",
    }
    for (authority_class, jurisdiction), expected in asked.items():
        found = deadlines.find("disclose", "penalty", authority_class, jurisdiction, date(2020, 6, 1))
        assert found is not None
        assert found.id == expected
    before = deadlines.find("disclose", "penalty", None, "370402", date(2019, 6, 1))
    assert before is not None
    assert before.id == "disclose-7"
