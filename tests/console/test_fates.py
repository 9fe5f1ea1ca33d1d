"""What became of rows: the last time that each was sent counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.clickhouse.refusals import Answer
from console.fates import counted, fates, state_of

START = datetime(2026, 3, 2, tzinfo=UTC)


def answer(outcome: str, origin: str = "甲.xlsx:2", batch: str = "b", index: int = 0, minutes: int = 0) -> Answer:
    at = START + timedelta(minutes=minutes)
    return Answer(
        "local", batch, index, origin, outcome, "e", "a", "acts", 0, 0, at, "aa", "", "", "", "", at, None, ""
    )  # fmt: skip


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        (["admitted", "admitted"], "admitted"),
        (["duplicate", "admitted"], "admitted"),
        (["duplicate", "duplicate"], "duplicate"),
        (["admitted", "rejected"], "rejected"),
    ],
)
def test_a_row_is_what_its_statements_are(outcomes: list[str], state: str) -> None:
    assert state_of([answer(one) for one in outcomes]) == state


def test_rows_in_their_order_as_they_were_answered_last() -> None:
    given = [
        answer("rejected", "甲.xlsx:10"),
        answer("admitted", "甲.xlsx:2", index=1),
        answer("admitted", "甲.xlsx:10", "again", 1, minutes=1),
        answer("duplicate", "甲.xlsx:10", "again", 0, minutes=1),
        answer("admitted", "", "client", 7),
    ]
    found = fates(given, [("local", "b", 5)])
    assert [(one.place, one.state) for one in found] == [
        ("client/7", "admitted"),
        ("甲.xlsx:2", "admitted"),
        ("甲.xlsx:10", "admitted"),
        ("b/5", "unanswered"),
    ]
    assert [one.index for one in found[2].statements] == [0, 1]
    assert counted(found) == {"received": 3, "admitted": 3, "duplicate": 0, "rejected": 0, "unanswered": 1}
