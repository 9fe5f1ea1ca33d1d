"""``xinji backup``: everything that cannot be made again, into a directory, while the stack runs."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from connectors.archive.files import make_directory
from connectors.clickhouse.client import connect
from connectors.clickhouse.days import Days
from connectors.clickhouse.engine import Engine
from connectors.clickhouse.store import Store
from connectors.settings import Settings
from console.alone import parts
from console.configuration import CONFIG_NAME, configured
from console.embedded.lock import DataDirLock
from console.language import here
from console.output import DIFFERENT, OK, err, json_option, print_json, say, told
from schemas.sentence import Sentence
from streams.backup.manifest import damages
from streams.backup.saving import Saved, Sources, save

_SAVING = Sentence("备份 {what}", "saving {what}")


@click.command(
    help="备份到目录：不停机，只写新增部分，逐项校验 / back up into a directory without stopping, only what is new, verified"
)
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--check", is_flag=True, help="只校验已有备份 / only check the backup that is there, every byte of it")
@click.option("--without-keys", is_flag=True, help="不含密钥和化名库 / leave keys and the vault out")
@json_option
@told
def command(directory: Path, check: bool, without_keys: bool, as_json_: bool) -> None:
    """The log with its original bytes, receipts, rejections as they are sealed, vault, keys, sources and policy tables."""
    if check:
        _check(directory, as_json_)
    settings = configured()
    with parts(settings) as found:
        make_directory(directory)
        with DataDirLock(directory):
            saved = _save(found, directory, without_keys)
    if as_json_:
        print_json({"directory": directory, **asdict(saved)})
        return
    say(
        Sentence(
            "新增日志 {records} 条、表 {rows} 行、文件 {new} 个；备份共 {files} 个文件",
            "{records} records of the log, {rows} rows of tables and {new} files are new; the backup has {files} files",
        ).of(records=saved.records, rows=saved.rows, new=saved.new_files, files=saved.files)
    )


def _save(settings: Settings, directory: Path, without_keys: bool) -> Saved:
    client = connect(settings.clickhouse, settings.database, cluster=settings.cluster)
    private = {} if without_keys else {"vault.key": settings.vault_key, "rejections.key": settings.rejections_key}
    plain = {"sources.toml": settings.sources, CONFIG_NAME: settings.data / CONFIG_NAME}
    files = {role: path for role, path in {**plain, **private}.items() if path is not None}
    sources = Sources(settings.database, files, None if without_keys else settings.vault)
    try:
        with err.status("") as shown:
            return save(
                Store(client, settings.database),
                Days(Engine(client, settings.database)),
                sources,
                directory,
                datetime.now(UTC),
                lambda what: shown.update(here(_SAVING.of(what=what))),
            )
    finally:
        client.close()


def _check(directory: Path, as_json: bool) -> None:
    found = list(damages(directory))
    if as_json:
        told_of = [{"file": one.file, "place": one.place, "message": one.detail.en, "message_zh": one.detail.zh} for one in found]
        print_json({"directory": directory, "sound": not found, "damages": told_of})
    else:
        for one in found:
            say(
                Sentence("{file} {place}：{detail}", "{file} {place}: {detail}").of(
                    file=one.file, place=one.place, detail=one.detail
                )
            )
        say(Sentence("备份已损坏", "the backup is damaged") if found else Sentence("备份完好", "the backup is sound"))
    sys.exit(DIFFERENT if found else OK)
