"""Repeats over known statements, event ids and partitions."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.admission import Duplicate, New, Rejection, decide_repeat
from schemas.event_id import NAMESPACE, event_id
from schemas.partition import murmur2, partition_of
from schemas.records import Statement

START = datetime(2024, 1, 1, tzinfo=UTC)


def said(digest: str, at: int, own_id: str = "", name: str = "PenaltyImposed", event: str = "") -> Statement:
    return Statement(
        "a", "penalty/x/1", "s", name, digest, own_id, event or f"{digest}{at}", 3, at, START + timedelta(seconds=at), f"v{at}"
    )


def test_nothing_known() -> None:
    assert decide_repeat("PenaltyImposed", "A", "", [], []) == New(0)


def test_equal_to_the_latest_of_that_name() -> None:
    known = [said("A", 0), said("B", 1), said("C", 2, name="ActDisclosed")]
    assert decide_repeat("PenaltyImposed", "B", "", known, []) == Duplicate(known[1])
    assert decide_repeat("PenaltyImposed", "A", "", known, []) == New(3)
    assert decide_repeat("ActDisclosed", "C", "", known, []) == Duplicate(known[2])


def test_the_same_id_with_the_same_content_whatever_came_since() -> None:
    known = [said("A", 0, "x"), said("B", 1)]
    assert decide_repeat("PenaltyImposed", "A", "x", known, known[:1]) == Duplicate(known[0])


def test_the_same_id_with_other_content() -> None:
    found = decide_repeat("PenaltyImposed", "B", "x", [], [said("A", 0, "x")])
    assert isinstance(found, Rejection)
    assert found.reason == "conflicting_duplicate"


def test_twice_on_the_log_counts_once_at_the_lowest_offset() -> None:
    twice = [said("A", 5, event="e"), said("A", 2, event="e"), said("B", 1)]
    assert decide_repeat("PenaltyImposed", "A", "", twice, []) == Duplicate(twice[1])
    assert decide_repeat("PenaltyImposed", "Z", "", twice, []) == New(2)


@given(st.lists(st.sampled_from("ABC"), max_size=12), st.randoms())
def test_a_sequence_leaves_what_changed(contents: list[str], shuffle: object) -> None:
    """Admitting what is new, in any order of the known, leaves the sequence without its adjacent repeats."""
    known: list[Statement] = []
    for at, digest in enumerate(contents):
        shuffled = list(known)
        shuffle.shuffle(shuffled)  # type: ignore[attr-defined]
        found = decide_repeat("PenaltyImposed", digest, "", shuffled, [])
        if isinstance(found, New):
            assert found.earlier == len(known)
            known.append(said(digest, at))
    expected = [one for at, one in enumerate(contents) if at == 0 or contents[at - 1] != one]
    assert [one.content_digest for one in known] == expected


def test_event_ids_are_fixed_for_ever() -> None:
    assert event_id("a", "x", "act", "N", "d", 0) == event_id("a", "x", "other", "M", "e", 7)
    assert event_id("a", None, "act", "N", "d", 0) == event_id("a", "", "act", "N", "d", 0)
    several = {event_id("a", None, "act", "N", "d", n) for n in range(3)} | {event_id("a", "d", "", "", "", 0)}
    assert len(several) == 4
    assert all(UUID(one).version == 5 for one in several)
    assert event_id("a", "x", "act", "N", "d", 0) == "4c1a0b06-33b7-5216-b923-cef9c5d9b322"
    assert event_id("a", None, "act", "N", "d", 1) == "bc78b686-062b-5535-8335-d5eae29638cc"


@given(st.text(), st.text(), st.text(), st.integers(0, 10**9))
def test_an_event_id_is_a_uuid5_over_json(source: str, own: str, act: str, earlier: int) -> None:
    told = [source, own] if own else [source, act, "N", "d", earlier]
    as_ever = str(uuid5(NAMESPACE, json.dumps(told, ensure_ascii=False, separators=(",", ":"))))
    assert event_id(source, own, act, "N", "d", earlier) == as_ever


@pytest.mark.parametrize(
    ("key", "expected"),
    # org.apache.kafka.common.utils.UtilsTest.testMurmur2
    [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536),
     (b"a-little-bit-longer-string", -1486304829), (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
     (b"abc", 479470107)],
)  # fmt: skip
def test_murmur2(key: bytes, expected: int) -> None:
    assert murmur2(key) == expected & 0xFFFFFFFF


@given(st.text(), st.integers(1, 50))
def test_partitions_are_in_range(key: str, partitions: int) -> None:
    assert 0 <= partition_of(key, partitions) < partitions
