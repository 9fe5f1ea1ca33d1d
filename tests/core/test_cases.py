"""Every case of tests/cases, put to the oracle and to the real folds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from tests.core import oracle
from tests.core.adapter import FoldMeaning
from tests.core.cases import Case, Story, cases, stated, typed
from tests.core.meaning import Meaning, OracleMeaning, PlainAct

CASES = list(cases())


@pytest.mark.parametrize("reading", [OracleMeaning, FoldMeaning], ids=["oracle", "folds"])
@pytest.mark.parametrize("case", CASES, ids=[f"{one.file}: {one.title.split(' / ')[-1]}" for one in CASES])
def test_case(case: Case, reading: Callable[[Any], Meaning]) -> None:
    for given, expect in case.variants:
        story = Story(given)
        meaning = reading(story.log)
        for asked in expect:
            (what,) = asked.keys() & QUESTIONS.keys()
            QUESTIONS[what](story, meaning, asked)


def test_titles_are_in_both_languages_and_none_stands_twice() -> None:
    titles = [one.title for one in CASES]
    assert len(set(titles)) == len(titles) > 100
    assert all(any("一" <= char <= "鿿" for char in zh) and en for zh, en in (title.split(" / ") for title in titles))


def _duties(story: Story, meaning: Meaning, asked: dict[str, Any]) -> None:
    def shown(one: oracle.Duty) -> dict[str, Any]:
        told = {
            "act": story.label(one.act_id),
            "duty": one.duty,
            "cause": story.event_label(one.cause_event_id) if one.duty == "withdraw" else None,
            "started": one.started_on,
            "due": one.due_on,
            "fulfilled": one.fulfilled_on,
            "status": one.status,
            "days_overdue": one.days_overdue or None,
            "provisional": one.provisional or None,
        }
        return {key: value for key, value in told.items() if value is not None}

    found = [shown(one) for one in meaning.duties(asked["day"])]
    assert sorted(map(str, found)) == sorted(map(str, asked["duties"]))


def _grade(story: Story, meaning: Meaning, asked: dict[str, Any]) -> None:
    found = meaning.grade(asked["day"])
    if asked["grade"] is None:
        assert found is None
        return
    assert found is not None
    told = {
        "grade": found.grade,
        "score": found.score,
        "name": found.name,
        "ceiling": found.ceiling,
        "version": found.version,
        "reasons": sorted((story.event_label(event), points, since, until) for event, points, since, until in found.reasons),
    }
    wanted = {key: value for key, value in asked.items() if key != "day"}
    if "score" in wanted:
        wanted["score"] = Fraction(str(wanted["score"]))
    if "reasons" in wanted:
        wanted["reasons"] = sorted(
            (one["event"], Fraction(str(one["points"])), one["from"], one["to"]) for one in wanted["reasons"]
        )
    assert {key: told[key] for key in wanted} == wanted


def _acts(story: Story, meaning: Meaning, asked: dict[str, Any]) -> None:
    found = {story.label(act_id): act for act_id, act in meaning.acts().items()}
    assert found.keys() == asked["acts"].keys()
    for label, changes in asked["acts"].items():
        said = story.acts[label]
        fields = {key: value for key, value in changes.items() if key not in ("revoked_on", "void", "irregularities")}
        assert found[label] == PlainAct(
            {**stated(said), **{name: typed(said.name, name, value) for name, value in fields.items()}},
            changes.get("revoked_on"),
            changes.get("void", False),
            frozenset(changes.get("irregularities", ())),
        )


def _entries(story: Story, meaning: Meaning, asked: dict[str, Any]) -> None:
    wanted = {
        oracle.Entry(
            story.act_id(one["entry"]), one["list"], one["from"], one["to"], one["why"], frozenset(one.get("irregularities", ()))
        )
        for one in asked["entries"]
    }
    assert set(meaning.entries().values()) == wanted


def _listed(_: Story, meaning: Meaning, asked: dict[str, Any]) -> None:
    effects = {"serious", "watch", "honour"}
    assert {effect for effect in effects if meaning.listed(asked["day"], effect)} == set(asked["listed"])


def _intervals(story: Story, meaning: Meaning, asked: dict[str, Any]) -> None:
    """The whole timeline: each interval's days have its grade, and the next one differs in something."""
    told = asked["intervals"]
    for one, after in zip(told, [*told[1:], None], strict=True):
        last = (after["from"] if after else date(2100, 1, 1)) - timedelta(days=1)
        for day in (one["from"], last):
            _grade(story, meaning, {"day": day, **{key: value for key, value in one.items() if key != "from"}})
    assert meaning.grade(told[0]["from"] - timedelta(days=1)) is None
    if isinstance(meaning, FoldMeaning):
        assert [one.valid_from for one in meaning.record.grades] == [one["from"] for one in told]


QUESTIONS = {
    "duties": _duties,
    "grade": _grade,
    "acts": _acts,
    "entries": _entries,
    "listed": _listed,
    "intervals": _intervals,
}
