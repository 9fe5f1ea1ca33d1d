"""Somebody with the right to write into ClickHouse changes what stands there: ``verify`` and ``record --full`` say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.checks import clean, live_rows, settled
from tests.integration.made_up import listing, penalties, write_csv
from tests.integration.stacks import EmbeddedStack

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def stack(embedded: EmbeddedStack, tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStack:
    folder: Path = tmp_path_factory.mktemp("files")
    embedded.push(write_csv(folder / "penalties.csv", penalties(20, 0)), "penalty-2018")
    embedded.push(write_csv(folder / "listings.csv", [listing(one) for one in range(3)]), "listing")
    settled(embedded)
    return embedded


CHANGES = (
    "toDate32('2019-01-01') AS occurred_on",
    "recorded_at - INTERVAL 5 YEAR AS recorded_at",
    "replaceOne(content, '罚', '奖') AS content",
    "'自己人' AS subject_name",
)


def test_what_was_changed_or_invented_is_found_and_the_full_record_is_that_of_the_log(stack: EmbeddedStack) -> None:
    clean(stack)
    events = stack.rows("SELECT event_id, subject_id FROM act_log WHERE event = 'PenaltyImposed' ORDER BY event_id")
    changed = dict(zip(CHANGES, events, strict=False))
    subject_id = changed[CHANGES[1]][1]
    honest = stack.run("record", subject_id, "--as-of", "2026-01-01", "--json").json
    for change, (event_id, _) in changed.items():
        stack.client.command(f"INSERT INTO act_log SELECT * REPLACE ({change}) FROM act_log WHERE event_id = '{event_id}' LIMIT 1")
    stack.client.command(
        f"INSERT INTO {live_rows(stack)}.responsible_rows (person_id, subject_id, version) "
        f"SELECT 'person:INVENTED0000', subject_id, version FROM {live_rows(stack)}.list_rows LIMIT 1"
    )
    told = stack.run("verify", "--json", code=1).json["projections"]
    assert set(told["act_log"]["differing"]) == {event_id for event_id, _ in changed.values()}
    assert [key.split()[0] for key in told["responsible_rows"]["differing"]] == ["person:INVENTED0000"]
    full = stack.run("record", subject_id, "--as-of", "2026-01-01", "--full", "--json", code=None).json
    assert full["acts"] == honest["acts"]
    assert full["evidence"] == honest["evidence"]


def test_the_sql_command_writes_nothing(stack: EmbeddedStack) -> None:
    writing = "WITH x AS (SELECT 'zz' AS batch_id) INSERT INTO receipts (batch_id) SELECT batch_id FROM x"
    for query in (writing, "DROP TABLE act_log"):
        stack.run("sql", query, code=2)
    assert stack.value("SELECT count() FROM receipts WHERE batch_id = 'zz'") == 0
