"""The compiled checks say nothing that the rules, read one by one, do not say."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.admission.keeping import keeps_rules
from projections.admission.kind import _broken
from projections.admission.plan import plan_of
from schemas import registry
from schemas.catalogue import BY_NAME
from tests.admission.test_rules import RULES, TODAY, _needed
from tests.gate.fakes import event
from tests.schemas.values import value

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", " ", "\u3000", "\x00", "x" * 1001, 0, -1, True, [], ["fine"], ["other:"], "other:x", {}, Decimal("NaN"), Decimal(-1),
     date(1899, 12, 31), date(2024, 5, 1), date(2300, 1, 1), datetime(2024, 5, 1, 8)]  # noqa: DTZ001 - a value of a wrong type
)  # fmt: skip


@pytest.mark.parametrize("name", BY_NAME)
def test_what_can_be_admitted_is_seen_at_once(name: str) -> None:
    made = event(name, **_needed(name, {}))
    assert keeps_rules(name, made, made["header"], TODAY, RULES.amounts.lowest)


@given(st.data())
def test_what_keeps_the_rules_breaks_none(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(BY_NAME)))
    made = event(name, **_needed(name, {}))
    for where, schemas in ((made["header"], registry.header_fields()), (made, registry.fields_of(name))):
        for field in data.draw(st.lists(st.sampled_from(sorted(schemas)), max_size=3, unique=True)):
            where[field] = data.draw(value(schemas[field]["type"]) | ODD)
    if keeps_rules(name, made, made["header"], TODAY, RULES.amounts.lowest):
        assert _broken(plan_of(name), made, made["header"], RULES, TODAY) is None
