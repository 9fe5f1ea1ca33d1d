"""A new event is one folder: put beside the others it is found, released, encoded, judged, masked and documented.

The event is made up. Its schema names persons in fields that no line of code knows.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from schemas import contract
from schemas.catalogue import described
from tests.house import ROOT, House

MADE_UP = Path(__file__).parent / "made_up"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    built = House(tmp_path_factory.mktemp("house"))
    built.add(MADE_UP / "GuaranteeGiven", "schemas/events")
    return built


@pytest.fixture(scope="module")
def released(house: House) -> str:
    return house.run("-m", "schemas.release")


@pytest.fixture(scope="module")
def told(house: House, released: str) -> dict[str, Any]:
    loaded: dict[str, Any] = house.told("-m", "tests.schemas.in_the_house")
    return loaded


def test_it_is_released_into_its_own_folder_and_nothing_else_is_touched(house: House, released: str) -> None:
    assert released.startswith("released GuaranteeGiven version 1: ")
    assert released.count("\n") == 2
    pinned = (house.folder / "schemas/events/GuaranteeGiven/released/PINNED").read_text(encoding="utf-8")
    assert pinned.splitlines()[1].startswith("900 GuaranteeGiven 1 ")


def test_it_is_found(told: dict[str, Any]) -> None:
    assert told["found"] == {
        "number": "GuaranteeGiven",
        "kind": True,
        "told_apart_by": [
            "form",
            "due_on",
            "guarantor_id",
            "guarantor_mask",
            "guarantor_document_type",
            "witness_persons",
            "witness_person_masks",
        ],
        "released": True,
        "loads": True,
    }


def test_it_is_encoded(told: dict[str, Any]) -> None:
    encoded = told["encoded"]
    assert len(encoded.pop("digest")) == 64
    assert encoded == {
        "reads": True,
        "act_id": "guarantee/11120000MB1A2C4E5T/津示担〔2018〕3号",
        "mentions": ["person:Zk3v9QmT2xLr7aBc", "person:Rt5w8YnU3zMs6bCd"],
        "same_id_without_amount": True,
        "other_id_with_witness": True,
    }


def test_it_is_judged(told: dict[str, Any]) -> None:
    assert told["judged"] == {
        "as it is": "admitted",
        "due before": "bad_date due_on",
        "another form": "out_of_catalogue form",
        "unmasked": "personal_data guarantor_mask",
        "unmasked in a list": "personal_data witness_person_masks",
        "a number for a pseudonym": "personal_data guarantor_id",
        "a name for a pseudonym": "bad_identifier witness_persons",
        "corrected, unmasked": "personal_data fields.guarantor_mask",
        "corrected, hidden": "personal_data fields.guarantor_mask",
        "corrected, masked": "admitted",
    }


def test_no_name_and_no_number_of_its_persons_leaves_the_edge(told: dict[str, Any]) -> None:
    assert told["at_the_edge"]["leaks"] == []


@pytest.mark.parametrize("case", ["line", "row"])
def test_its_persons_are_pseudonyms_and_masks(told: dict[str, Any], case: str) -> None:
    event = told["at_the_edge"]["taken"][case]
    assert event["guarantor_id"].startswith("person:")
    assert event["guarantor_mask"] == "欧*"
    assert len({one for one in event["witness_persons"] if one.startswith("person:")}) == 2
    assert event["witness_person_masks"] == ["诸*", "司*"]
    assert event["remark"] == "欧*、司*到场"


def test_a_row_says_the_type_of_the_document(told: dict[str, Any]) -> None:
    assert told["at_the_edge"]["taken"]["row"]["guarantor_document_type"] == "身份证"


def test_where_an_event_has_no_place_for_them_their_masks_are_kept(told: dict[str, Any]) -> None:
    extra = told["at_the_edge"]["taken"]["row of an event without them"]["extra"]
    assert {key: extra[key] for key in ("担保人", "见证人")} == {"担保人": "欧*", "见证人": "诸*、司*"}


def test_a_correction_of_its_persons_too(told: dict[str, Any]) -> None:
    fields = told["at_the_edge"]["taken"]["correction"]["fields"]
    assert (fields["guarantor_mask"], fields["witness_person_masks"]) == ('"欧*"', '["诸*", "司*"]')
    assert fields["guarantor_id"].startswith('"person:')
    assert fields["witness_persons"].count("person:") == 2


def test_it_is_documented(told: dict[str, Any]) -> None:
    text = told["documented"]
    assert "Makes an act of kind `guarantee`" in text
    assert "| `due_on` | date |  | 到期日 / due on; not before `occurred_on` |" in text
    assert "a mask, never a name, for `guarantor_id`" in text


def test_the_worked_example_keeps_the_rules() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    example = json.loads(text.split("```json\n", 1)[1].split("```", 1)[0])
    assert contract.flaws(example) == ()
    assert described(example).by_rule


def test_what_is_wrong_with_a_new_event_is_told(tmp_path: Path) -> None:
    broken = House(tmp_path)
    broken.add(MADE_UP / "GuaranteeGiven", "schemas/events")
    schema = tmp_path / "schemas/events/GuaranteeGiven/schema.avsc"
    text = schema.read_text(encoding="utf-8")
    schema.write_text(text.replace('"person": "mask", "mask_of": "guarantor_id"', '"masked": true'), encoding="utf-8")
    with pytest.raises(
        AssertionError, match=r'guarantor_id: exactly one field is its mask[\s\S]*nobody reads the attribute "masked"'
    ):
        broken.run("-m", "schemas.release")
    schema.write_text(text.replace('"number": 900', '"number": 3'), encoding="utf-8")
    with pytest.raises(AssertionError, match="number 3 is that of GuaranteeGiven already"):
        broken.run("-m", "schemas.release")
