"""``xinji doctor``: is anything missing of the log, its tables and their rows, and what can be mended?"""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from connectors.archive.log_archive import LogArchive, demand_sound
from connectors.clickhouse.declared import TablesDiffer
from connectors.settings import Settings
from console.alone import ENGINE, parts
from console.commands.migrate import migrate_database, migrate_log
from console.configuration import configured
from console.embedded.access import SECRET
from console.environment import ENDPOINTS, address_of
from console.output import DIFFERENT, OK, json_option, print_json, say, told
from schemas.sentence import Sentence
from streams.backup.manifest import LOG
from streams.doctor.findings import ColumnsDiffer, Finding, TableMissing, TooOpen, place, receipts_without_event
from streams.doctor.judge import FileMode, findings
from streams.doctor.mending import Mended, mend
from streams.doctor.reading import Patient, read
from streams.holes import LogHoles


@click.command(
    help="体检：日志、表、行、文件权限；不启动环境也可 / examine log, tables, rows and modes of files, with or without a running "
    "stack; exit 1 when something is found"
)
@click.option("--repair", is_flag=True, help="能修复的就修复 / mend what can be mended; running it again is harmless")
@click.option(
    "--from",
    "backup",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="用于补齐日志的备份 / a backup from which the log is filled",
)
@json_option
@told
def command(repair: bool, backup: Path | None, as_json_: bool) -> None:
    """Reads everything once; changes something only with ``--repair``."""
    settings = configured()
    archive = _archive(backup) if backup is not None else None
    mended: Mended | None = None
    with parts(settings) as found:

        def look() -> list[Finding]:
            ends = None if archive is None else archive.next_offsets
            return findings(read(Patient(address_of(found), found.bootstrap, ends, list(modes(settings, found)))))

        wrong = look()
        if repair and wrong:
            mended = _repair(found, archive, wrong, look)
            wrong = look()
    _show(wrong, mended, as_json_)
    sys.exit(DIFFERENT if wrong else OK)


def _archive(backup: Path) -> LogArchive:
    """The log in a backup, or in an archive of the log alone. Raises BadBackup where a byte of it is not as it was written."""
    archive = LogArchive(backup / LOG if (backup / LOG).is_dir() else backup)
    demand_sound(archive)
    return archive


def _repair(settings: Settings, archive: LogArchive | None, wrong: list[Finding], look: Callable[[], list[Finding]]) -> Mended:
    """Modes, then tables, then the log, then what follows from it. What a table lacked may show more of the log."""
    for one in wrong:
        if isinstance(one, TooOpen):
            Path(one.path).chmod(int(one.wanted, 8))
    if any(isinstance(one, TableMissing) and one.kind == "log" for one in wrong):
        with suppress(TablesDiffer):
            migrate_log(settings)
        wrong = look()
    mended = mend(address_of(settings), settings.bootstrap, archive, wrong)
    if any(isinstance(one, TableMissing | ColumnsDiffer) for one in wrong):
        # what keeps the projections from being made stays among the findings
        with suppress(LogHoles, TablesDiffer):
            migrate_database(settings)
    return mended


def modes(given: Settings, found: Settings) -> Iterator[FileMode]:
    """What only its owner may reach: an embedded stack's directory with what is private in it, and keys wherever they are."""
    data = found.data
    embedded = not given.clickhouse
    private = [data / SECRET, data / ENDPOINTS] if embedded else []
    keys = [one for one in (found.vault_key, found.vault, found.rejections_key) if one is not None]
    for path, directory in [
        *((one, True) for one in (data, data / ENGINE) if embedded),
        *((one, False) for one in (*private, *keys)),
    ]:
        if path.exists():
            yield FileMode(str(path), stat.S_IMODE(path.stat().st_mode), directory)


_FINDING = Sentence("{what}。{advice}", "{what}; {advice}")
_RECEIPT = Sentence(
    "  无事件的回执：{source} {batch} 第 {index} 条，事件 {event}，{place}",
    "  receipt without its event: {source} {batch} index {index}, event {event}, {place}",
)
_MENDED = Sentence("已补入日志 {n} 条", "{n} records of the log were filled in")
_LEFT = Sentence("未能补入 {place}：{why}", "not filled, {place}: {why}")
_WHOLE = Sentence("完好", "whole: nothing was found")


def _show(wrong: Sequence[Finding], mended: Mended | None, as_json: bool) -> None:
    lost = receipts_without_event(wrong)
    if as_json:
        told_of: dict[str, Any] = {"whole": not wrong, "findings": [one.plain() for one in wrong]}
        told_of["receipts_without_event"] = [asdict(one) for one in lost]
        if mended is not None:
            left = [
                {"partition": one.partition, "first": one.first, "last": one.last, "why": one.why.en, "why_zh": one.why.zh}
                for one in mended.left
            ]
            told_of |= {"filled": {str(partition): places for partition, places in mended.filled.items()}, "not_filled": left}
        print_json(told_of)
        return
    if mended is not None:
        say(_MENDED.of(n=mended.records))
        for one in mended.left:
            say(_LEFT.of(place=place(one.partition, one.first, one.last), why=one.why))
    for finding in wrong:
        say(_FINDING.of(what=finding.what, advice=finding.advice))
    for receipt in lost:
        at = place(receipt.partition, receipt.offset, receipt.offset)
        named = {"source": receipt.source_id, "batch": receipt.batch_id, "index": receipt.index, "event": receipt.event_id}
        say(_RECEIPT.of(**named, place=at))
    if not wrong:
        say(_WHOLE)
