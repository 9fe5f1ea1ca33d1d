"""Push, receipts, projections, replay: the whole way on both kinds of stack, and that a repetition changes nothing."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.deadline import until
from tests.integration.checks import clean, digests, never_fewer, nothing_lost_or_doubled, settled
from tests.integration.made_up import follow_up, listing, organisation, penalties, penalty, registration, write_csv, write_lines
from tests.integration.stacks import Stack, ended


@pytest.fixture(scope="module")
def pushed(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Files of four kinds, pushed once; what each push said."""
    folder = tmp_path_factory.mktemp("files")
    files = {
        "penalty-2018": write_csv(folder / "penalties.csv", penalties(400, 0)),
        "registry": write_csv(folder / "registry.csv", [registration(one) for one in range(40)]),
        "listing": write_csv(folder / "listing.csv", [listing(one) for one in range(5)]),
        "events": write_lines(
            folder / "events.jsonl",
            [
                follow_up("ActCorrected", 1, 1, "2021-09-01", fields={"fine_amount": '"99.00"'}, reason="金额有误"),
                follow_up("ActRevoked", 2, 2, "2021-10-01", revoked_on="2021-10-01", void_from_start=True, reason="撤销"),
                follow_up("ActDisclosed", 3, 3, "2021-04-09", disclosed_on="2021-04-09", channel="网站"),
            ],
        ),
    }
    return {profile: (path, stack.push(path, profile)) for profile, path in files.items()}


def test_a_push_tells_what_became_of_every_row(pushed: dict[str, Any]) -> None:
    said = {profile: told for profile, (_, told) in pushed.items()}
    assert said == {
        "penalty-2018": {"rows": 400, "admitted": 400, "duplicates": 0, "rejected": []},
        "registry": {"rows": 40, "admitted": 40, "duplicates": 0, "rejected": []},
        "listing": {"rows": 5, "admitted": 5, "duplicates": 0, "rejected": []},
        "events": {"rows": 3, "admitted": 3, "duplicates": 0, "rejected": []},
    }


def test_every_receipt_stands_and_the_log_is_what_clickhouse_shows(stack: Stack, pushed: dict[str, Any]) -> None:
    found = clean(stack)
    disclosed = 40 * sum(number % 4 == 0 for number in range(10))
    events = 400 + disclosed + 40 + 5 + 3
    assert found["projections"]["act_log"]["replayed"] == events == sum(found["positions"].values())
    assert stack.value("SELECT count() FROM xinji.receipts FINAL WHERE outcome = 'admitted'") == events
    assert found["projections"]["subject_rows"]["live"] == 40
    assert found["projections"]["list_rows"]["live"] == 5
    nothing_lost_or_doubled(stack)


@pytest.mark.parametrize("subject", range(1, 5))
def test_a_replayed_record_is_what_the_projections_say(stack: Stack, pushed: dict[str, Any], subject: int) -> None:
    settled(stack)
    code, day = organisation(subject), "2022-03-01"
    record = stack.run("record", code, "--as-of", day, "--full", "--json").json
    assert record["differences"] == []
    of = f"FROM xinji.{{}}_as_of(d = '{day}') WHERE subject_id = '{code}'"

    def rows(columns: str, view: str) -> list[dict[str, Any]]:
        text = stack.client.raw_query(
            f"SELECT {columns} {of.format(view)} ORDER BY ALL",
            fmt="JSONEachRow",
            settings={"output_format_json_quote_64bit_integers": 0},
        ).decode()
        return [json.loads(line) for line in text.splitlines()]

    def told(part: str, columns: str) -> list[dict[str, Any]]:
        names = columns.split(", ")
        return sorted(({name: one[name] for name in names} for one in record[part]), key=json.dumps)

    duty = "act_id, duty, cause_event_id, started_on, due_on, fulfilled_on, status, days_overdue, provisional, rule_id, legal_basis"
    assert told("duties", duty) == sorted(rows(duty, "disclosures"), key=json.dumps)
    entry = "entry_id, list, effect, subject_id, listed_from, listed_to, end_reason, irregularities, evidence"
    assert told("listings", entry) == sorted(rows(entry, "list_entries"), key=json.dumps)
    act = "act_id, kind, occurred_on, authority_id, authority_name, disclosed_on, irregularities, evidence"
    assert told("acts", act) == sorted(rows(act, "act_states"), key=json.dumps)
    evidence = "event_id, event, act_id, topic_partition, topic_offset, value_sha256"
    assert told("evidence", evidence) == sorted(rows(evidence, "acts"), key=json.dumps)
    grade = "grade, score, valid_from, valid_to, policy_version"
    assert [{name: record["grade"][name] for name in grade.split(", ")}] == rows(grade, "current_grades")
    ((name, acts, penalties_, listings),) = stack.rows(
        f"SELECT name, acts, penalties, listings FROM xinji.subjects_as_of(d = '{day}') WHERE subject_id = '{code}'"
    )
    assert (name, acts, penalties_, listings) == (record["name"], len(record["acts"]), 10, len(record["listings"]))


def test_pushing_everything_again_gives_duplicates_and_changes_nothing(stack: Stack, pushed: dict[str, Any]) -> None:
    settled(stack)
    before, log = digests(stack), stack.landed()
    for profile, (path, told) in pushed.items():
        again = stack.push(path, profile)
        assert again == {"rows": told["rows"], "admitted": 0, "duplicates": told["rows"], "rejected": []}
    assert (digests(stack), stack.landed()) == (before, log)


def test_a_rebuild_makes_the_same_rows(stack: Stack, pushed: dict[str, Any]) -> None:
    settled(stack)
    before = digests(stack)
    told = stack.run("rebuild", "--json").json
    assert (told["subjects"], told["live"]) == (40, True)
    assert digests(stack) == before
    clean(stack)


@pytest.mark.long
def test_a_rebuild_while_acts_are_pushed(stack: Stack, pushed: dict[str, Any], tmp_path: Path) -> None:
    """No reader ever sees fewer facts than before, and nothing that is projected meanwhile is lost."""
    persons = [f"person:{letter * 32}" for letter in "ABC"]
    for subject, person in enumerate(persons[:2]):
        stack.push(write_lines(tmp_path / f"{subject}.jsonl", [listing_naming(600 + subject, person)]), "events")
    file = write_csv(tmp_path / "more.csv", penalties(3_000, 10_000))
    pushing = stack.start_command("push", str(file), "--profile", "penalty-2018", "--json")
    rebuilds = 0
    with never_fewer(stack):
        while pushing.poll() is None:
            stack.run("rebuild", "--json")
            rebuilds += 1
    assert ended(pushing).json == {"rows": 3_000, "admitted": 3_000, "duplicates": 0, "rejected": []}
    assert rebuilds > 0
    stack.push(write_lines(tmp_path / "last.jsonl", [listing_naming(602, persons[2])]), "events")
    nothing_lost_or_doubled(stack)
    clean(stack)
    named = "SELECT subject_id, listed_subject_id FROM xinji.list_entries WHERE role = 'responsible' ORDER BY subject_id"
    assert stack.rows(named) == [(person, organisation(600 + subject)) for subject, person in enumerate(persons)]


def listing_naming(subject: int, person: str) -> dict[str, Any]:
    event = follow_up(
        "ListingDecided",
        subject,
        1,
        "2021-06-07",
        list="tax-serious",
        term_months=36,
        reason="示例",
        responsible_persons=[person],
        responsible_person_masks=["张*"],
    )
    event["header"]["act_id"] = ""
    return event


def test_a_record_as_it_was_known_before_a_correction(stack: Stack, tmp_path: Path) -> None:
    stack.push(write_csv(tmp_path / "one.csv", [penalty(900, 1)]), "penalty-2018")
    code = organisation(900)
    (made,) = stack.run("record", code, "--json").json["evidence"]
    # the correction is recorded at a later millisecond than the act: recorded times are the gate's clock
    until(lambda: datetime.now().astimezone() > datetime.fromisoformat(made["recorded_at"]), what="a later millisecond")
    correction = follow_up("ActCorrected", 900, 1, "2021-09-01", fields={"fine_amount": '"123.45"'}, reason="录入有误")
    stack.push(write_lines(tmp_path / "correction.jsonl", [correction]), "events")
    fines = {}
    for moment in (made["recorded_at"], None):
        given = ("--known-at", moment) if moment else ()
        record = stack.run("record", code, *given, "--json").json
        fines[moment] = record["acts"][0]["content"]["fine_amount"]
    assert fines == {made["recorded_at"]: "25000.00", None: "123.45"}
    nobody = stack.run("record", code, "--known-at", "2020-01-01", "--json", code=6).json
    assert code in nobody["message"]
    clean(stack)


def test_long_texts_fit_into_messages(stack: Stack, tmp_path: Path) -> None:
    rows = [penalty(910 + number, 0, 违法事实="事实很长。" * 2_000) for number in range(120)]
    told = stack.push(write_csv(tmp_path / "long.csv", rows), "penalty-2018")
    assert (told["rows"], told["admitted"], told["rejected"]) == (120, 120, [])
