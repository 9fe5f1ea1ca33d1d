"""The typed dictionaries are what the schemas say."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_type_hints

import pytest

from schemas import generate, registry, typed
from schemas.catalogue import BY_NAME


def test_the_committed_file_is_up_to_date() -> None:
    assert generate.TARGET.read_text(encoding="utf-8") == generate.generated(), "run .venv/bin/python -m schemas.generate"


@pytest.mark.parametrize("name", BY_NAME)
def test_every_event_has_its_fields(name: str) -> None:
    hints = get_type_hints(getattr(typed, name))
    assert set(hints) == {"header", *registry.fields_of(name)}
    assert hints["header"] is typed.Header


def test_types() -> None:
    header, penalty = get_type_hints(typed.Header), get_type_hints(typed.PenaltyImposed)
    listing, revoked = get_type_hints(typed.ListingDecided), get_type_hints(typed.ActRevoked)
    assert set(header) == set(registry.header_fields())
    assert (header["occurred_on"], header["submitted_at"], header["sequence"]) == (date, datetime | None, int | None)
    assert (header["act_id"], header["legal_basis"], header["imported"]) == (str, list[str], bool)
    assert (penalty["fine_amount"], penalty["valid_to"], penalty["extra"]) == (Decimal | None, date | None, dict[str, str])
    assert (listing["list"], listing["responsible_persons"], listing["term_months"]) == (str, list[str], int | None)
    assert revoked["void_from_start"] is bool


@pytest.mark.parametrize("unknown", [{"type": "enum", "name": "E", "symbols": []}, {"type": "string", "logicalType": "uuid"}])
def test_a_type_it_does_not_know_is_said(unknown: Any) -> None:
    with pytest.raises(generate.NoPythonType) as caught:
        generate._python(unknown)
    assert caught.value.schema == unknown
