"""The packaged SQL and the declared tables: how they are split, rendered and described."""

from __future__ import annotations

import re

import pytest

from connectors.clickhouse import migrations as sql
from projections.tables import create_table, registered
from projections.views import catalogue_of_views, views

BILINGUAL = re.compile(r".*[一-鿿].* / .*[A-Za-z].*")


def test_statements_end_with_a_semicolon_at_the_end_of_a_line() -> None:
    text = "-- it's; a comment;\nSELECT ';\n', `;\n`; -- tail\nSELECT 'it''s;\n' ;  \n\nSELECT '\\';\n'"
    assert sql.split_statements(text) == ("SELECT ';\n', `;\n`; \nSELECT 'it''s;\n'", "SELECT '\\';\n'")
    assert sql.split_statements("A;\n;\nB;\n") == ("A", "B")


def test_migrations_are_numbered_without_gaps() -> None:
    found = sql.migrations("xinji")
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    assert all(one.statements for one in found)


def test_a_cluster_changes_the_statements_but_not_the_digests() -> None:
    plain, clustered = sql.migrations("xinji"), sql.migrations("other", "c1")
    assert [one.digest for one in plain] == [one.digest for one in clustered]
    for one in clustered:
        assert all("ON CLUSTER 'c1'" in statement and "`xinji`" not in statement for statement in one.statements)
        assert all("ReplicatedReplacingMergeTree" in text for text in one.statements if "CREATE TABLE" in text)
    assert all("ON CLUSTER 'c1'" in statement for statement in views("xinji_g1", "xinji", cluster="c1"))
    for table in registered():
        statement = create_table(table, "xinji_g1", cluster="c1")
        assert "ON CLUSTER 'c1'" in statement
        assert "ENGINE = ReplicatedReplacingMergeTree(version)" in statement
        assert "ON CLUSTER" not in (plain := create_table(table, "xinji_g1"))
        assert "ENGINE = ReplacingMergeTree(version)" in plain


def test_a_views_statement_names_rows_and_log_apart() -> None:
    statements = views("rows_here", "log_here")
    assert all(statement.startswith("CREATE OR REPLACE VIEW `log_here`.") for statement in statements)
    assert any("FROM `rows_here`.act_rows" in statement for statement in statements)
    assert any("FROM `log_here`.act_log" in statement for statement in statements)
    assert not any("{" in statement.replace("{d:Date32}", "") for statement in statements)


@pytest.mark.parametrize("name", ["", "a b", "a`b", "1a", "库"])
def test_a_database_name_is_an_identifier(name: str) -> None:
    with pytest.raises(sql.BadIdentifier, match="letters, digits"):
        sql.migrations(name)


def test_every_statement_creates_only_what_is_not_there() -> None:
    for migration in sql.migrations("xinji"):
        for statement in migration.statements:
            assert re.match(r"CREATE TABLE IF NOT EXISTS |ALTER TABLE [^,]* IF NOT EXISTS ", statement), statement[:80]


def test_views_of_the_contract_stand_in_the_catalogue() -> None:
    known = {view.name: view for view in catalogue_of_views()}
    assert set(known) == {
        "acts",
        "subjects",
        "act_states",
        "disclosures",
        "overdue_disclosures",
        "list_entries",
        "blacklist",
        "grades",
        "current_grades",
        "rejections",
    }
    assert {view.twin for view in known.values() if view.name != "rejections"} == {
        f"{name}_as_of" for name in known if name != "rejections"
    }
    assert known["rejections"].twin is None
    for view in known.values():
        assert BILINGUAL.fullmatch(view.comment), view.name
        assert all(BILINGUAL.fullmatch(column.comment) for column in view.columns), view.name


FIRST_COLUMNS = {
    "acts": "event_id act_id event kind subject_id subject_name authority_id source_id occurred_on recorded_at "
    "topic_partition topic_offset content",
    "disclosures": "act_id duty cause_event_id kind subject_id authority_id source_id started_on due_on fulfilled_on "
    "status days_overdue provisional rule_id legal_basis",
    "list_entries": "entry_id list effect subject_id authority_id listed_from listed_to end_reason irregularities evidence",
    "blacklist": "subject_id list entry_id listed_from listed_to",
    "grades": "subject_id grade score valid_from valid_to policy_version reasons grade_name ceiling",
    "rejections": "reason field message source_id received_at topic_partition topic_offset",
}


@pytest.mark.parametrize("name", FIRST_COLUMNS)
def test_columns_begin_as_promised(name: str) -> None:
    (view,) = (one for one in catalogue_of_views() if one.name == name)
    wanted = FIRST_COLUMNS[name].split()
    assert [column.name for column in view.columns][: len(wanted)] == wanted
