"""Subjects are found by their names, former ones too; persons are not."""

from __future__ import annotations

import pytest
from clickhouse_connect.driver.client import Client

from connectors.clickhouse.finding import find_subjects
from connectors.clickhouse.store import Store
from streams.policies import load_made
from streams.projector.core import whole_subject, write_rows
from tests.core import builders as make

PERSON = "person:" + "ab" * 16


@pytest.fixture
def rows(engine: Client, database: str) -> str:
    """A firm with a former name, another one, and a person; the database of a generation."""
    log = make.log_of(
        make.licence("2019-01-01", subject_name="薛城示例（山东）建材有限公司", jurisdiction="370403"),
        make.penalty("2020-03-02", subject_name="枣庄示例建材集团有限公司"),
        make.penalty("2020-03-02", subject_id=make.OTHER_SUBJECT, subject_name="示例ABC 建材"),
        make.penalty("2020-03-02", 2, subject_id=PERSON, subject_name="建*", subject_kind="natural_person"),
    )
    target = Store(engine, database).projections(1)
    for subject in (make.SUBJECT, make.OTHER_SUBJECT, PERSON):
        events = [one for one in log.events if one.header["subject_id"] == subject]
        write_rows(target, whole_subject(subject, events, load_made(None).policy))
    return target.database


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("示例", [make.OTHER_SUBJECT, make.SUBJECT]),
        ("枣庄示例建材集团有限公司", [make.SUBJECT]),
        ("集团", [make.SUBJECT]),
        ("(山东) 建材", [make.SUBJECT]),
        ("薛城", [make.SUBJECT]),
        ("示例ａｂｃ建材", [make.OTHER_SUBJECT]),
        ("建", [make.OTHER_SUBJECT, make.SUBJECT]),
        ("建*", []),
        ("' OR 1", []),
        ("%", []),
    ],
)
def test_by_a_name_or_a_part_of_one(engine: Client, rows: str, name: str, found: list[str]) -> None:
    assert [one.subject_id for one in find_subjects(engine, rows, name, 10)] == found


def test_what_is_said_of_one(engine: Client, rows: str) -> None:
    (one,) = find_subjects(engine, rows, "薛城", 10)
    assert one.name == "枣庄示例建材集团有限公司"
    assert one.names == ("薛城示例（山东）建材有限公司", "枣庄示例建材集团有限公司")
    assert (one.kind, one.jurisdiction) == ("enterprise", "370403")
    assert len(find_subjects(engine, rows, "示例", 1)) == 1
