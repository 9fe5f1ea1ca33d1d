"""The log as files: what goes in comes out, nothing is written twice, and every byte that changes is found."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.archive import log_archive
from connectors.archive.files import BadBackup
from connectors.archive.log_archive import LogArchive, OtherLog, demand_sound
from schemas.log_record import LogRecord, LogRow, placeholder
from schemas.wire import value_digest

START = datetime(2024, 3, 1, 8, tzinfo=UTC)
NAMES = "甲乙丙丁戊己庚辛壬癸"


def row(partition: int, offset: int) -> LogRow:
    value = bytes(range(256)) * 3 + f"{NAMES[offset % 10]} {partition} {offset}".encode()
    headers = (("ce_id", f"e{partition}-{offset}".encode()), ("x", b""), ("x", b"\xff\0"))
    record = LogRecord(partition, offset, f"s{offset % 7}".encode(), value, headers, START + timedelta(milliseconds=offset // 2))
    return LogRow(record, f"e{partition}-{offset}", value_digest(value))


def rows(*ranges: tuple[int, int, int]) -> Iterator[LogRow]:
    return (row(partition, offset) for partition, first, end in ranges for offset in range(first, end))


@pytest.fixture
def archive(tmp_path: Path) -> LogArchive:
    found = LogArchive(tmp_path / "log")
    assert found.add(rows((0, 0, 300), (3, 0, 5))) == 305
    return LogArchive(tmp_path / "log")


def contents(archive: LogArchive) -> dict[str, bytes]:
    return {str(one.relative_to(archive.folder)): one.read_bytes() for one in archive.folder.rglob("*") if one.is_file()}


def test_what_went_in_comes_out(archive: LogArchive) -> None:
    assert list(archive.records()) == list(rows((0, 0, 300), (3, 0, 5)))
    assert list(archive.records(0, 298)) == list(rows((0, 298, 300)))
    assert list(archive.records(3, 1, 2)) == list(rows((3, 1, 3)))
    assert archive.next_offsets == {0: 300, 3: 5}
    demand_sound(archive)
    assert all(not stat.S_IMODE(one.stat().st_mode) & 0o077 for one in [archive.folder, *archive.folder.rglob("*")])


def test_a_stray_keeps_its_offset(archive: LogArchive) -> None:
    stray = LogRow(placeholder(3, 5, "ab", datetime(1970, 1, 1, tzinfo=UTC)), "", "ab")
    assert archive.add([*rows((0, 299, 300), (3, 4, 5)), stray, row(3, 6)]) == 2
    again = LogArchive(archive.folder)
    demand_sound(again)
    assert list(again.records(3, 5)) == [stray, row(3, 6)]


def test_only_what_is_new_is_written(archive: LogArchive) -> None:
    before = contents(archive)
    assert archive.add(rows((0, 299, 300), (3, 4, 5))) == 0
    assert contents(archive) == before
    assert archive.add(rows((0, 299, 310), (3, 4, 5), (4, 0, 1))) == 11
    after = contents(archive)
    assert {name: after[name] for name in before if name != "manifest.json"} == {
        name: text for name, text in before.items() if name != "manifest.json"
    }
    assert len(after) == len(before) + 2
    whole = LogArchive(archive.folder)
    demand_sound(whole)
    assert list(whole.records()) == list(rows((0, 0, 310), (3, 0, 5), (4, 0, 1)))


def test_files_have_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_archive, "_MOST_RECORDS", 4)
    archive = LogArchive(tmp_path)
    archive.add(rows((0, 0, 10)))
    assert [(one.first, one.last) for one in archive.parts] == [(0, 3), (4, 7), (8, 9)]
    demand_sound(archive)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ([(0, 299, 300), (3, 5, 6)], (3, 4)),
        ([(0, 299, 300), (3, 3, 4)], (3, 4)),
        ([(0, 299, 300)], (3, 4)),
        ([(0, 299, 300), (3, 4, 5), (7, 1, 2)], (7, 0)),
    ],
)
def test_another_log_or_one_with_holes_is_refused_and_nothing_is_changed(
    archive: LogArchive, given: list[tuple[int, int, int]], place: tuple[int, int]
) -> None:
    before = contents(archive)
    with pytest.raises(OtherLog) as caught:
        archive.add(rows(*given))
    assert (caught.value.partition, caught.value.offset) == place
    assert contents(archive) == before
    demand_sound(LogArchive(archive.folder))


def test_a_row_that_was_altered_is_refused(archive: LogArchive) -> None:
    altered = row(3, 4)._replace(record=row(3, 4).record._replace(recorded_at=START))
    with pytest.raises(OtherLog, match="not what the copy has"):
        archive.add([*rows((0, 299, 300)), altered])
    forged = row(3, 5)._replace(value_sha256="0" * 64)
    with pytest.raises(OtherLog, match="SHA-256"):
        archive.add([*rows((0, 299, 300), (3, 4, 5)), forged])


def test_every_flipped_byte_is_found_with_its_file(archive: LogArchive) -> None:
    path = archive.folder / "00" / f"{0:020d}.avro"
    whole = path.read_bytes()
    for at in range(0, len(whole), len(whole) // 60):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        found = [one for one in archive.damages() if one.file != "manifest.json"]
        assert found, at
        assert {one.file for one in found} == {f"00/{path.name}"}
    path.write_bytes(whole)
    demand_sound(archive)


def test_a_flipped_byte_of_a_value_is_found_at_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_archive, "_CODEC", "null")
    archive = LogArchive(tmp_path)
    archive.add(rows((0, 0, 30)))
    path = tmp_path / archive.parts[0].path
    text = path.read_bytes()
    at = text.index(b"0 17")
    path.write_bytes(text[:at] + b"1" + text[at + 1 :])
    with pytest.raises(BadBackup) as caught:
        demand_sound(archive)
    assert ("00/" + path.name, "acts/0/17") in [(one.file, one.place) for one in caught.value.damages]


def test_a_missing_file_a_cut_one_and_a_changed_manifest_are_found(archive: LogArchive) -> None:
    path, manifest = archive.folder / "03" / f"{0:020d}.avro", archive.folder / "manifest.json"
    whole, text = path.read_bytes(), manifest.read_bytes()
    path.unlink()
    assert f"03/{path.name}" in {one.file for one in archive.damages()}
    path.write_bytes(whole[:-20])
    assert f"03/{path.name}" in {one.file for one in archive.damages()}
    path.write_bytes(whole)
    manifest.write_bytes(text.replace(b"300", b"299", 1))
    with pytest.raises(BadBackup, match="checksum"):
        LogArchive(archive.folder)


def test_a_run_that_died_leaves_what_was_there_and_is_run_again(archive: LogArchive) -> None:
    def dies() -> Iterator[LogRow]:
        yield from rows((0, 299, 305))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        archive.add(dies())
    again = LogArchive(archive.folder)
    demand_sound(again)
    assert again.next_offsets == {0: 300, 3: 5}
    (archive.folder / "00" / f"{300:020d}.avro").write_bytes(b"what a killed run left")
    assert again.add(rows((0, 299, 320), (3, 4, 5))) == 20
    demand_sound(LogArchive(archive.folder))
