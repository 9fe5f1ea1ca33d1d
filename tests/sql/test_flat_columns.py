"""Columns of acts that analysts count and sum without JSON functions, and joins of acts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from connectors.clickhouse.store import Store
from projections.acts import flat
from projections.tables import row_digest, table
from projections.views import catalogue_of_views
from schemas.catalogue import BY_NAME
from schemas.registry import fields_of, header_fields
from streams.policies import load_made
from streams.projector.core import whole_subject, write_rows
from tests.core import builders as make


@pytest.fixture
def shown(engine: Client, database: str) -> str:
    """Two firms in one document, a penalty that was corrected, and a licence; the name of the database."""
    penalty = make.penalty(
        "2020-03-02", violation_type="无照经营", penalty_categories=["fine", "warning"], fine_amount=Decimal("12000.50")
    )
    other = make.penalty("2020-03-02", subject_id=make.OTHER_SUBJECT, fine_amount=Decimal(300), confiscated_amount=Decimal("1.5"))
    minor = make.penalty("2021-03-02", 2, fine_amount=Decimal("90"), severity="minor")
    licence = make.licence("2020-05-01", certificate_name="食品经营许可证", valid_to=date(2025, 4, 30), jurisdiction="370402")
    log = make.log_of(penalty, other, make.disclosed(other, "2020-03-05"), make.disclosed(penalty, "2020-03-05"))
    for one in (minor, licence, make.corrected(minor, "2021-04-01", {"fine_amount": '"900"'})):
        log.push(one)
    assert penalty.act_id == other.act_id
    target = Store(engine, database).projections(1)
    for subject in (make.SUBJECT, make.OTHER_SUBJECT):
        events = [one for one in log.events if one.header["subject_id"] == subject]
        rows = whole_subject(subject, events, load_made(None).policy)
        write_rows(target, rows)
        names = table("act_rows").column_names
        live = target.read_rows("act_rows", names, ("subject_id", "act_id"), [subject])
        assert {row_digest(one) for one in live} == {row_digest(one) for one in rows["act_rows"]}
    return database


def ask(engine: Client, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in engine.query(query).result_rows]


def test_penalties_by_authority_and_year_are_a_plain_select(engine: Client, shown: str) -> None:
    assert ask(
        engine,
        "SELECT authority_name, toYear(occurred_on) AS year, count(), sum(fine_amount), sum(confiscated_amount) "
        f"FROM {shown}.act_states WHERE kind = 'penalty' AND NOT void GROUP BY authority_name, year ORDER BY year",
    ) == [(make.SPORT[1], 2020, 2, Decimal("12300.50"), Decimal("1.50")), (make.SPORT[1], 2021, 1, Decimal("900.00"), None)]
    assert ask(
        engine,
        "SELECT document_number, violation_type, penalty_categories, severity, subject_name, valid_to "
        f"FROM {shown}.act_states_as_of(d = '2020-03-02') WHERE subject_id = '{make.SUBJECT}'",
    ) == [("测罚〔2020〕1号", "无照经营", ["fine", "warning"], "general", "枣庄测试商贸有限公司", None)]
    assert ask(
        engine, f"SELECT certificate_name, valid_to, severity, jurisdiction FROM {shown}.act_states WHERE kind = 'licence'"
    ) == [("食品经营许可证", date(2025, 4, 30), "", "370402")]


def test_acts_are_joined_by_subject_and_act(engine: Client, shown: str) -> None:
    joined = f"SELECT count() FROM {shown}.act_states AS one JOIN {shown}.disclosures AS two USING ({{}}) WHERE duty = 'disclose'"
    assert ask(engine, joined.format("subject_id, act_id")) == [(4,)]
    assert ask(engine, joined.format("act_id")) == [(6,)]


@pytest.mark.parametrize("view", catalogue_of_views(), ids=lambda view: view.name)
def test_the_subject_stands_beside_every_act(view: Any) -> None:
    names = {one.name for one in view.columns}
    assert "subject_id" in names or not names & {"act_id", "entry_id"}


def test_flat_columns_are_fields_that_nobody_hides() -> None:
    marked = {
        name
        for event in BY_NAME
        for name, field in {**fields_of(event), **header_fields()}.items()
        if "openness" in field or "person" in field
    }
    stated = {name for event in BY_NAME for name in {**fields_of(event), **header_fields()}}
    assert not marked & set(flat.NAMES)
    assert set(flat.NAMES) <= stated
    assert len(flat.NONE) == len(flat.NAMES)
