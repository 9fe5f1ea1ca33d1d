"""JSON Lines of events: lenient in form, strict in meaning."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import fastavro
import pytest

from connectors.files import Mapped, Refused, Row, load_profile, map_row
from schemas import registry, wire
from tests.connectors.files.builders import (
    AUTHORITY,
    FIRM,
    PENALTY,
    FakeVault,
    context,
    event,
    identity,
    organisation_code,
    registration,
)
from tests.connectors.files.test_people import everything

HEADER = {
    "subject_id": FIRM,
    "subject_name": "甲",
    "subject_kind": "enterprise",
    "authority_id": AUTHORITY,
    "authority_name": "某局",
    "occurred_on": "2021-03-05",
}
LINE = {
    "event": "PenaltyImposed",
    "header": HEADER,
    "document_number": "罚〔2021〕1号",
    "fine_amount": "12.50",
    "valid_to": {"int": 18700},
}


def taken(line: dict[str, Any], given: dict[str, str] | None = None, **more: Any) -> Any:
    profile = load_profile("events")
    cells = json.loads(json.dumps(line), parse_float=Decimal)
    return map_row(profile, Row(1, cells), context(profile, given, **more))


def one(line: dict[str, Any], given: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    found = taken(line, given, **more)
    assert isinstance(found, Mapped), found
    wire.encode(*found.events[0])
    return found.events[0][1]


def refusal(line: dict[str, Any], **more: Any) -> Refused:
    found = taken(line, **more)
    assert isinstance(found, Refused), found
    return found


def test_what_is_missing_is_filled() -> None:
    found = one(LINE)
    assert found["header"]["act_id"] == f"penalty/{AUTHORITY}/罚〔2021〕1号"
    assert (found["header"]["source_id"], found["header"]["source_name"], found["header"]["imported"]) == ("local", "本机", False)
    assert (found["fine_amount"], found["valid_to"], found["extra"]) == (Decimal("12.50"), date(2021, 3, 14), {})
    assert one(LINE, imported=True)["header"]["imported"] is True


@pytest.mark.parametrize(
    "line",
    [
        {**LINE, "event": "xinji.acts.PenaltyImposed"},
        {"xinji.acts.PenaltyImposed": {key: LINE[key] for key in LINE if key != "event"}},
        {**LINE, "fine_amount": 12.5},
        {**LINE, "fine_amount": {"bytes": "\x04\xe2"}},
        {**LINE, "fine_amount": {"decimal": "12.5"}},
        {**LINE, "document_number": {"string": "罚〔2021〕1号"}, "valid_to": "2021-03-14"},
        {**LINE, "header": {**HEADER, "occurred_on": 18691}},
    ],
)
def test_every_form_means_the_same(line: dict[str, Any]) -> None:
    assert one(line) == one(LINE)


def test_what_fastavro_writes_as_json_comes_back() -> None:
    penalty = event("penalty-2018", {**PENALTY, "其他列": "x"})
    penalty["header"] |= {"submitted_at": datetime(2021, 4, 7, 1, 2, 3, tzinfo=UTC), "sequence": 5}
    text = io.StringIO()
    fastavro.json_writer(text, registry.source("PenaltyImposed"), [penalty])
    assert one({"xinji.acts.PenaltyImposed": json.loads(text.getvalue())}) == penalty


@pytest.mark.parametrize(
    ("line", "reason", "field"),
    [
        ({**LINE, "fine_amout": 1}, "undecodable", "fine_amout"),
        ({**LINE, "header": {**HEADER, "subjectid": "x"}}, "undecodable", "header.subjectid"),
        ({**LINE, "event": "PenaltyImpose"}, "undecodable", "event"),
        ({"header": HEADER, "list": "x"}, "missing_field", "event"),
        ({**LINE, "event": 5}, "undecodable", "event"),
        ({"PenaltyImposed": []}, "undecodable", "PenaltyImposed"),
        ({**LINE, "header": {**HEADER, "occurred_on": "2022-09-31"}}, "bad_date", "header.occurred_on"),
        ({**LINE, "header": {key: HEADER[key] for key in HEADER if key != "occurred_on"}}, "missing_field", "header.occurred_on"),
        ({**LINE, "header": None}, "missing_field", "header.occurred_on"),
        ({**LINE, "header": "x"}, "undecodable", "header."),
        ({**LINE, "fine_amount": "1,5"}, "bad_amount", "fine_amount"),
        ({**LINE, "fine_amount": 0.001}, "bad_amount", "fine_amount"),
        ({**LINE, "fine_amount": True}, "bad_amount", "fine_amount"),
        ({**LINE, "fine_amount": {"bytes": "字"}}, "bad_amount", "fine_amount"),
        ({**LINE, "valid_to": 10**12}, "bad_date", "valid_to"),
        ({**LINE, "remark": 5}, "undecodable", "remark"),
        ({**LINE, "remark": {"int": 5}}, "undecodable", "remark"),
        ({**LINE, "penalty_categories": "fine"}, "undecodable", "penalty_categories"),
        ({**LINE, "extra": {"a": 1}}, "undecodable", "extra"),
        ({**LINE, "extra": []}, "undecodable", "extra"),
        ({**LINE, "header": {**HEADER, "imported": "yes"}}, "undecodable", "header.imported"),
        ({**LINE, "penalty_categories": None}, "undecodable", "penalty_categories"),
        ({**LINE, "header": {**HEADER, "sequence": 2**63}}, "undecodable", "header.sequence"),
        ({**LINE, "header": {**HEADER, "submitted_at": "2021-01-01T00:00:00"}}, "bad_date", "header.submitted_at"),
        ({"event": "ListingDecided", "header": HEADER}, "missing_field", "list"),
    ],
)
def test_what_is_wrong_is_named(line: dict[str, Any], reason: str, field: str) -> None:
    found = refusal(line)
    assert (found.reason, found.field) == (reason, field)
    assert json.loads(found.raw) is not None


def test_near_matches_are_offered() -> None:
    assert "did you mean fine_amount" in refusal({**LINE, "fine_amout": 1}).message
    assert "did you mean PenaltyImposed" in refusal({**LINE, "event": "PenaltyImpose"}).message


def test_follow_ups_fill_their_two_dates_from_each_other() -> None:
    header = {key: HEADER[key] for key in HEADER if key != "occurred_on"} | {"act_id": "penalty/x/1"}
    own = one({"event": "ActDisclosed", "header": header, "disclosed_on": "2021-03-09"})
    other = one({"event": "ActDisclosed", "header": {**header, "occurred_on": "2021-03-09"}})
    assert own == other and own["header"]["occurred_on"] == own["disclosed_on"] == date(2021, 3, 9)
    assert one({"event": "ActDisclosed", "header": header}, {"disclosed_on": "2021-03-09"}) == own
    revoked = one({"event": "ActRevoked", "header": header, "revoked_on": "2021-05-01", "void_from_start": True})
    assert revoked["header"]["act_id"] == "penalty/x/1" and revoked["header"]["occurred_on"] == date(2021, 5, 1)


def test_settings_and_open_dates() -> None:
    found = taken(LINE, {"disclosed_on": "2021-03-10", "jurisdiction": "370900", "authority_id": "他局"})
    assert isinstance(found, Mapped)
    assert [name for name, _ in found.events] == ["PenaltyImposed", "ActDisclosed"]
    assert found.events[0][1]["header"]["authority_id"] == "name:他局" and found.events[1][1]["header"]["jurisdiction"] == "370900"
    assert one({**LINE, "valid_to": "2099-12-31"})["valid_to"] is None
    listed = {"event": "ListingDecided", "header": HEADER}
    assert one(listed, {"list": "tax-serious", "occurred_on": "2022-01-01"})["header"]["occurred_on"] == date(2022, 1, 1)


def test_an_absent_subject_is_passed_on_for_the_gate_to_judge() -> None:
    found = one({**LINE, "header": {key: HEADER[key] for key in HEADER if key != "subject_id"}})
    assert found["header"]["subject_id"] == ""


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        (f" {FIRM[:8].lower()}-{FIRM[8:].lower()}\u3000", FIRM),
        ("".join(chr(ord(char) + 0xFEE0) for char in FIRM), FIRM),
        (f"regno: {registration()[:6]} {registration()[6:]}", f"regno:{registration()}"),
        (f"org:{organisation_code()[:8]}-{organisation_code()[8:].lower()}", f"org:{organisation_code()}"),
        (FIRM[:-1].lower() + "?", FIRM[:-1].lower() + "?"),
        ("person:Abc-def_gh12", "person:Abc-def_gh12"),
        ("某 公司", "某 公司"),
    ],
)
def test_ids_are_read_as_codes_of_rows_are(stated: str, read: str) -> None:
    header = one({**LINE, "header": {**HEADER, "subject_id": stated}})["header"]
    assert header["subject_id"] == read


def test_the_authoritys_id_is_read_too() -> None:
    def authority(stated: str) -> tuple[str, str]:
        header = one({**LINE, "header": {**HEADER, "authority_id": stated}})["header"]
        return header["authority_id"], header["act_id"]

    assert authority(f"{AUTHORITY.lower()} ") == authority(AUTHORITY)
    assert authority("name: 某局（Ａ区） ") == authority("name:某局(A区)") and authority("name:某局(A区)")[0] == "name:某局(A区)"
    assert authority("name: ")[0] == "name: " and authority("某 局")[0] == "某 局"


def test_a_wrong_number_of_a_representative_is_dropped() -> None:
    wrong = identity(3)[:-1] + ("1" if identity(3)[-1] != "1" else "2")
    line = {**LINE, "legal_representative": {"string": "诸葛明远"}, "legal_representative_id": {"string": wrong}}
    found = one(line)
    assert (found["legal_representative"], found["legal_representative_id"]) == ("诸*", None)
    assert wrong not in everything("events", line)
    assert refusal({**line, "legal_representative_id": {"string": identity(3)}}).reason == "personal_data"


def test_persons_in_events() -> None:
    number, vault = identity(3), FakeVault()
    natural = {**HEADER, "subject_id": number, "subject_kind": "natural_person", "subject_name": "欧阳若兰"}
    found = one({**LINE, "header": natural, "violation_facts": "欧阳若兰无照"}, vault=vault)
    assert found["header"]["subject_id"].startswith("person:") and found["header"]["subject_name"] == "欧*"
    assert found["violation_facts"] == "欧*无照" and vault.asked == [("身份证", number, "欧阳若兰")]
    ready = one({**LINE, "header": {**natural, "subject_id": "person:ABCDEFGHIJ"}})
    assert ready["header"]["subject_id"] == "person:ABCDEFGHIJ" and ready["header"]["subject_name"] == "欧*"
    listed = {
        "event": "ListingDecided",
        "header": HEADER,
        "list": "x",
        "responsible_persons": [number],
        "responsible_person_masks": ["欧阳若兰"],
        "legal_representative": {"string": "诸葛明远"},
    }
    found = one(listed, vault=vault)
    assert found["responsible_persons"][0].startswith("person:") and found["responsible_person_masks"] == ["欧*"]
    assert found["legal_representative"] == "诸*"
    assert refusal({**LINE, "header": natural}).reason == "personal_data"
    assert refusal({**LINE, "header": {**natural, "subject_kind": "enterprise"}}).reason == "bad_identifier"


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"id_number": "SECRET"},
        {"remark": 5},
        {"remark": "证 SECRET"},
        {"event": "SECRET"},
        {"fine_amount": "SECRET"},
        {"valid_to": "SECRET"},
        {"legal_representative": {"string": "诸葛明远"}, "legal_representative_id": "SECRET"},
        {"extra": {"SECRET": "欧阳若兰"}, "x": 1},
        {"header": {"subject_id": {"string": "SECRET"}, "subject_name": "欧阳若兰", "subject_kind": "natural_person"}},
    ],
)
@pytest.mark.parametrize("kind", ["natural_person", "enterprise"])
def test_no_number_of_an_event_leaves(change: dict[str, Any], kind: str) -> None:
    number = identity(3)
    header = {**HEADER, "subject_id": number, "subject_kind": kind, "subject_name": "欧阳若兰"}
    line = json.loads(
        json.dumps({**LINE, "header": header, "legal_representative": "诸葛明远", **change}).replace("SECRET", number)
    )
    for vault in (FakeVault(), None):
        left = everything("events", line, vault)
        assert number not in left and "诸葛明远" not in left and "欧阳若兰" not in left
