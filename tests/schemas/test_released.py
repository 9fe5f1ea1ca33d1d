"""Bytes of every released version are read for ever, and nothing that was released is edited."""

from __future__ import annotations

import json
from collections import Counter
from importlib.resources.abc import Traversable
from typing import Any

import pytest

from schemas import compat, folders, registry, release, wire
from schemas.act_id import act_id
from schemas.catalogue import BY_NAME, BY_NUMBER
from schemas.identifiers import is_organisation_code, is_registration_number, is_subject_id, is_uscc
from schemas.registry import BATCH, BATCH_NUMBER
from schemas.release import NAMES, Pin

PINS = release.pins()
EVENTS = [pin for pin in PINS if pin.name != BATCH]
KINDS = ("full", "minimal")


def shown(pin: Pin) -> str:
    return f"{pin.name}-{pin.version}"


def folder(name: str) -> Traversable:
    return folders.folder_of(name).joinpath("released")


def read(pin: Pin, ending: str) -> bytes:
    return folder(pin.name).joinpath(f"{pin.stem}.{ending}").read_bytes()


def expected(pin: Pin) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(read(pin, "json"))
    return loaded


def with_newer_fields(schema: Any, value: Any) -> Any:
    """What an old version's bytes give today: as then, and in each field that came since its default."""
    if isinstance(schema, list):
        return value if value is None else with_newer_fields(next(branch for branch in schema if branch != "null"), value)
    if isinstance(schema, dict) and schema["type"] == "array":
        return [with_newer_fields(schema["items"], each) for each in value]
    if not isinstance(schema, dict) or schema["type"] != "record":
        return value
    fields = {field["name"]: field for field in schema["fields"]}
    return {
        **{name: field.get("default") for name, field in fields.items() if name not in value},
        **{name: with_newer_fields(fields[name]["type"], each) if name in fields else each for name, each in value.items()},
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pin", PINS, ids=shown)
def test_golden_bytes_are_read_with_todays_code(pin: Pin, kind: str) -> None:
    value = read(pin, f"{kind}.bin")
    decoded = release.decode(pin.name, value, pin.fingerprint)
    assert release.plain(decoded) == with_newer_fields(release.source(pin.name), expected(pin)[kind])
    assert int.from_bytes(value[:5], "big") == pin.number


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pin", EVENTS, ids=shown)
def test_golden_digests_hold_so_that_a_row_pushed_again_stays_a_duplicate(pin: Pin, kind: str) -> None:
    decoded = release.decode(pin.name, read(pin, f"{kind}.bin"), pin.fingerprint)
    assert wire.content_digest(pin.name, decoded) == expected(pin)[f"{kind}_content_digest"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_todays_code_writes_the_golden_bytes_of_the_current_version(name: str, kind: str) -> None:
    pin = current_pin(name)
    value = read(pin, f"{kind}.bin")
    decoded = release.decode(name, value, pin.fingerprint)
    assert (wire.encode_batch(decoded) if name == BATCH else wire.encode(name, decoded)) == value


@pytest.mark.parametrize("pin", PINS, ids=shown)
def test_released_files_are_as_pinned(pin: Pin) -> None:
    schema = json.loads(read(pin, "avsc"))
    files = release.files_of(pin, folder(pin.name))
    assert set(files) == {f"{pin.stem}.{ending}" for ending in ("avsc", "json", "full.bin", "minimal.bin")}
    assert (schema["name"], registry.schema_fingerprint(schema)) == (pin.name, pin.fingerprint)
    assert release.digest(files) == pin.digest, f"a released file of {pin.name} was edited: take it back from version control"


@pytest.mark.parametrize("name", NAMES)
def test_every_released_file_is_pinned_in_its_own_folder(name: str) -> None:
    here = [pin for pin in release.pins() if pin.name == name]
    found = {entry.name for entry in folder(name).iterdir()}
    assert found == {"PINNED", *(file for pin in here for file in release.files_of(pin, folder(name)))}
    pinned = folder(name).joinpath("PINNED").read_text(encoding="utf-8")
    assert {line.split()[1] for line in pinned.splitlines() if not line.startswith("#")} == {name}


def current_pin(name: str) -> Pin:
    fingerprint = registry.schema_fingerprint(release.source(name))
    found = next((pin for pin in PINS if (pin.name, pin.fingerprint) == (name, fingerprint)), None)
    assert found is not None, (
        f"the schema of {name} isn't released as it stands: put it back, or release it with .venv/bin/python -m schemas.release"
    )
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_current_schema_is_released(name: str) -> None:
    pin = current_pin(name)
    assert pin.version == max(each.version for each in PINS if each.name == name)
    assert pin.number == release.number(name)


@pytest.mark.parametrize("name", NAMES)
def test_every_current_schema_reads_every_released_version(name: str) -> None:
    compat.check(name, release.source(name), registry.released(name).values())


def test_versions_count_from_one() -> None:
    for name in NAMES:
        versions = [pin.version for pin in PINS if pin.name == name]
        assert versions == list(range(1, len(versions) + 1)), name


def test_a_number_belongs_to_one_event_for_ever() -> None:
    assert len(BY_NUMBER) == len(BY_NAME)
    assert BATCH_NUMBER not in BY_NUMBER
    names_of = {number: {pin.name for pin in PINS if pin.number == number} for number in {pin.number for pin in PINS}}
    assert all(len(names) == 1 for names in names_of.values()), names_of
    assert {pin.name: pin.number for pin in EVENTS} == {name: BY_NAME[name].number for name in BY_NAME}
    batches = Counter(pin.number for pin in PINS if pin.name == BATCH)
    assert set(batches.values()) == {1}, "a batch travels without a fingerprint: each version of it needs a number of its own"


@pytest.mark.parametrize("pin", EVENTS, ids=shown)
def test_the_registry_finds_a_released_version_by_its_fingerprint(pin: Pin) -> None:
    name, schema = registry.writer_schema(pin.fingerprint)
    assert name == pin.name
    assert registry.schema_fingerprint(schema) == pin.fingerprint
    assert pin.fingerprint in registry.released(name)


def test_a_batch_is_no_event() -> None:
    with pytest.raises(registry.UnknownFingerprint):
        registry.writer_schema(registry.schema_fingerprint(registry.batch_source()))


def test_what_is_no_event_has_no_versions() -> None:
    assert registry.released("NoSuchEvent") == {}


@pytest.mark.parametrize("name", BY_NAME)
def test_full_samples_are_realistic(name: str) -> None:
    sample = release.full(name)
    header = sample["header"]
    assert is_subject_id(header["subject_id"])
    assert all(is_uscc(header[field]) for field in ("authority_id", "source_id"))
    assert is_organisation_code(sample.get("organisation_code", header["subject_id"][8:17]))
    assert "registration_number" not in sample or is_registration_number(sample["registration_number"])
    assert not BY_NAME[name].makes_act or header["act_id"] == act_id(name, sample)
    own_date = BY_NAME[name].own_date
    assert own_date is None or sample[own_date] == header["occurred_on"]


def test_the_batch_sample_holds_an_event_and_a_refused_row() -> None:
    event, refused = release.full(BATCH)["items"]
    whole = release.full("ActDisclosed")
    whole["header"] |= {"openness": None, "attachments": []}  # its bytes are of the first version
    assert wire.decode(event["value"], event["fingerprint"]) == ("ActDisclosed", whole)
    assert refused["refused"]["reason"] == "bad_date"
