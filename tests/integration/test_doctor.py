"""Faults that are made for real: rows deleted over HTTP, tables dropped, bytes flipped, processes killed. The doctor names each,
mends what can be mended, and a backup makes the same product again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from streams.generations import demand_live
from tests.deadline import until
from tests.integration.checks import clean, digests, live_rows, nothing_lost_or_doubled, settled
from tests.integration.made_up import listing, penalties, write_csv
from tests.integration.stacks import EmbeddedStack, ended

pytestmark = pytest.mark.stack
ADMITTED = (
    "SELECT source_id, batch_id, index, event_id, topic_partition, topic_offset FROM receipts FINAL WHERE outcome = 'admitted'"
)


@pytest.fixture(scope="module")
def stack(embedded: EmbeddedStack, tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStack:
    folder: Path = tmp_path_factory.mktemp("files")
    embedded.push(write_csv(folder / "penalties.csv", penalties(200, 0)), "penalty-2018")
    embedded.push(write_csv(folder / "listings.csv", [listing(one) for one in range(3)]), "listing")
    settled(embedded)
    return embedded


def lose(stack: EmbeddedStack, places: list[tuple[int, int]]) -> None:
    """Deletes rows of the log, as whoever knows the secret can."""
    condition = f"(topic_partition, topic_offset) IN ({', '.join(map(str, places))})"
    stack.client.command(f"ALTER TABLE act_log DELETE WHERE {condition} SETTINGS mutations_sync = 2")


def some_places(stack: EmbeddedStack) -> list[tuple[int, int]]:
    """One inside the longest partition, and the last two of another."""
    ends = stack.rows("SELECT topic_partition, max(topic_offset) FROM act_log GROUP BY 1 ORDER BY 2 DESC, 1")
    (inside, end), (tail, last) = ends[0], ends[1]
    return [(inside, end // 2), (tail, last - 1), (tail, last)]


def log_of(stack: EmbeddedStack) -> str:
    """A digest of the log's rows, every column and byte."""
    text = stack.client.raw_query("SELECT * FROM act_log FINAL ORDER BY topic_partition, topic_offset", fmt="RowBinary")
    return hashlib.sha256(text).hexdigest()


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file() and one.name != "lock"}


def codes(told: dict[str, Any]) -> list[str]:
    return [one["finding"] for one in told["findings"]]


def test_dropped_tables_come_back_with_what_was_in_them(stack: EmbeddedStack) -> None:
    blacklist = stack.rows("SELECT * FROM blacklist_as_of(d = '2022-01-01') ORDER BY ALL")
    mentions = stack.rows("SELECT * FROM act_mentions FINAL ORDER BY ALL")
    before = demand_live(stack.store).number
    stack.client.command("DROP TABLE act_mentions")
    stack.client.command(f"DROP TABLE {live_rows(stack)}.list_rows")
    told = stack.run_here("migrate", "--json").json
    assert (told["recreated"], told["renewed"], told["generation"] > before) == (["act_mentions"], ["list_rows"], True)
    assert stack.rows("SELECT * FROM blacklist_as_of(d = '2022-01-01') ORDER BY ALL") == blacklist != []
    assert stack.rows("SELECT * FROM act_mentions FINAL ORDER BY ALL") == mentions
    assert stack.run_here("migrate", "--json").json["renewed"] == []


def test_the_doctor_names_every_fault_and_mends_what_can_be_mended(stack: EmbeddedStack) -> None:
    assert stack.run_here("doctor", "--json").json == {"whole": True, "findings": [], "receipts_without_event": []}
    before, places = log_of(stack), some_places(stack)
    receipts = {row[:4] for row in stack.rows(ADMITTED) if row[4:] in places}
    lose(stack, places)
    stack.client.command("DROP TABLE source_statements")
    stack.client.command("DROP VIEW overdue_disclosures")
    stack.client.command(f"INSERT INTO {live_rows(stack)}.list_rows (subject_id, version) VALUES ('91370900INVENTED00', 9)")
    stack.data.chmod(0o755)
    (stack.data / "rejections.key").chmod(0o644)
    assert codes(stack.run_here("doctor", "--json", code=1).json) == ["table_missing", "table_missing", "too_open", "too_open"]
    told = stack.run_here("doctor", "--repair", "--json", code=1).json
    assert {int(partition): filled for partition, filled in told["filled"].items()} == {
        places[0][0]: [places[0][1]],
        places[1][0]: [places[1][1], places[2][1]],
    }
    assert (codes(told), told["not_filled"]) == (["rows_unexplained"], [])
    assert told["findings"][0]["keys"][0][0] == "91370900INVENTED00"
    assert log_of(stack) == before
    assert len(receipts) == 3
    stack.client.command(f"ALTER TABLE {live_rows(stack)}.list_rows DELETE WHERE version = 9 SETTINGS mutations_sync = 2")
    assert stack.run_here("doctor", "--repair", "--json").json["whole"] is True
    clean(stack)


def test_what_is_lost_without_a_copy_is_named_receipt_by_receipt(stack: EmbeddedStack) -> None:
    places = some_places(stack)
    receipts = {row[:4] for row in stack.rows(ADMITTED) if row[4:] in places}
    lose(stack, places)
    told = stack.run_here("doctor", "--json", code=1).json
    assert {"hole_in_log", "tail_lost"} <= set(codes(told)) <= {"hole_in_log", "tail_lost", "rows_unexplained"}
    assert {
        (one["source_id"], one["batch_id"], one["index"], one["event_id"]) for one in told["receipts_without_event"]
    } == receipts
    assert stack.run_here("status", "--json", code=1).json["holes"] == 2
    text = stack.run_here("doctor", code=1).out
    assert all(event_id in text for *_, event_id in receipts)
    assert stack.run_here("doctor", "--repair", "--json").json["whole"] is True
    nothing_lost_or_doubled(stack)


def test_a_backup_is_taken_while_acts_come_and_grows_by_what_is_new(stack: EmbeddedStack, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    pushing = stack.start_command("push", str(write_csv(tmp_path / "more.csv", penalties(400, 900))), "--profile", "penalty-2018")
    stack.run("backup", str(folder))
    ended(pushing)
    assert stack.run_here("backup", str(folder), "--check", "--json").json["sound"] is True
    first = files_of(folder)
    told = stack.run_here("backup", str(folder), "--json").json
    kept = files_of(folder)
    assert {name: kept[name] for name in first if name.endswith(".avro")} == {
        name: text for name, text in first.items() if name.endswith(".avro")
    }
    assert told["new_files"] == len(kept.keys() - first.keys())
    assert stack.run_here("backup", str(folder), "--json").json["new_files"] == 0
    assert files_of(folder) == kept
    assert all(one.stat().st_mode & 0o077 == 0 for one in [folder, *folder.rglob("*")] if one.name != "lock")
    for damaged in [
        next(name for name in kept if name.startswith("log/") and name.endswith(".avro")),
        "files/",
        "tables/receipts/",
    ]:
        path = folder / next(name for name in kept if name.startswith(damaged))
        text = path.read_bytes()
        path.write_bytes(text[: len(text) // 2] + bytes([text[len(text) // 2] ^ 1]) + text[len(text) // 2 + 1 :])
        told = stack.run_here("backup", str(folder), "--check", "--json", code=1).json
        assert {one["file"] for one in told["damages"]} - {"log/manifest.json"} == {str(path.relative_to(folder))}
        if damaged.startswith("log/"):
            assert told["damages"][0]["place"].startswith("acts/")
            stack.run_here("restore", str(folder), "--data", str(tmp_path / "new"), code=2)
            assert not (tmp_path / "new").exists()
        path.write_bytes(text)
    assert stack.run_here("backup", str(folder), "--check", "--json").json["sound"] is True


def killed_on_its_way(stack: EmbeddedStack, folder: Path, files: int) -> None:
    dying = stack.start_command("backup", str(folder))
    until(lambda: (folder.exists() and len(files_of(folder)) > files) or dying.poll() is not None, what="some files")
    dying.kill()
    dying.communicate()


@pytest.mark.crash
def test_a_backup_makes_the_same_product_again_and_mends_one_that_cannot_start(stack: EmbeddedStack, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    for files in (0, 3, 6):
        killed_on_its_way(stack, folder, files)
    stack.run("backup", str(folder))
    assert stack.run("backup", str(folder), "--check", "--json").json["sound"] is True
    log, projections, places = log_of(stack), digests(stack), some_places(stack)
    receipts = sorted(stack.rows("SELECT * FROM receipts FINAL ORDER BY ALL"))
    restored = EmbeddedStack(tmp_path / "restored")
    try:
        stack.run("restore", str(folder), "--data", str(restored.data))
        assert "empty" in stack.run("restore", str(folder), "--data", str(restored.data), code=2, XINJI_LANG="en").err
        assert restored.run("doctor", "--json", code=1).json["whole"] is False  # no projections yet
        restored.start()
        assert (log_of(restored), digests(restored)) == (log, projections)
        assert sorted(restored.rows("SELECT * FROM receipts FINAL ORDER BY ALL")) == receipts
        clean(restored)
        for key in ("vault.key", "rejections.key", "sources.toml"):
            assert (restored.data / key).read_bytes() == (stack.data / key).read_bytes()
        lose(restored, places)
        restored.stop()
        refused = ended(restored.start_command("up", "--data", str(restored.data)), 4)
        assert f"acts/{places[0][0]}/{places[0][1]}" in refused.err
        assert len(restored.run("doctor", "--json", code=1).json["receipts_without_event"]) == 3
        told = restored.run("doctor", "--repair", "--json", code=1).json
        assert [one["why"] for one in told["not_filled"]] == ["neither the bus nor a backup has it"] * 2
        dying = restored.start_command("doctor", "--repair", "--from", str(folder))
        until(lambda: (restored.data / "lock").read_text().strip() == str(dying.pid), what="at work")
        dying.kill()
        dying.communicate()
        until(lambda: restored.run("doctor", "--repair", "--from", str(folder), "--json", code=None).code == 0, what="mended")
        restored.start()
        assert (log_of(restored), digests(restored)) == (log, projections)
        clean(restored)
    finally:
        restored.stop()
