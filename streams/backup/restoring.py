"""Making a new store of a backup: the log at its places with its bytes and times, and what became of submissions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from connectors.archive.files import BadBackup, new_file
from connectors.archive.log_archive import LogArchive
from connectors.archive.log_format import START, chained, digest, is_stray
from connectors.clickhouse.days import Days
from schemas.ports import Store
from schemas.records import Positions
from schemas.sentence import Sentence, Told
from streams.backup.manifest import LOG, Contents, damages, demand_contents
from streams.backup.saving import POLICY
from streams.projector.landing import landed, positions

_RECORDS_AT_ONCE: Final = 5_000


class RestoredOtherwise(Told, RuntimeError):
    """What was restored is not what was backed up; ``partition`` of the log says where."""

    says = Sentence(
        "恢复后的 act_log 分区 {partition} 与备份不一致，系程序错误，请报告",
        "act_log restored is not the backup's in partition {partition}: this is an error of the program, report it",
    )

    def __init__(self, partition: int) -> None:
        self.partition = partition
        super().__init__(partition=partition)


def demand_sound(folder: Path) -> Contents:
    """A backup that was checked, every byte of it. Raises BadBackup."""
    contents = demand_contents(folder)
    if found := list(damages(folder)):
        raise BadBackup(folder, found)
    return contents


def restore_store(store: Store, days: Days, folder: Path, contents: Contents, tell: Callable[[int], None]) -> int:
    """Fills an empty store with tables that a backup of sound files holds; how many records of the log that were. Raises
    RestoredOtherwise where the log that stands there then is not the one that was saved."""
    archive, done = LogArchive(folder / LOG), 0
    last: Positions = {}
    rows = archive.records()
    while some := list(islice(rows, _RECORDS_AT_ONCE)):
        records = [one.record for one in some if not is_stray(one)]
        store.land([landed(record)[0] for record in records])
        last |= positions(records)
        for one in some:  # a stray takes its place and has no time of its own
            next_, recorded = last.get(one.record.partition, (0, one.record.recorded_at))
            last[one.record.partition] = (max(next_, one.record.offset + 1), recorded)
        store.advance({("landed", 0): last})
        done += len(some)
        tell(done)
    for table in contents.tables:
        for kept in sorted((one for one in contents.files if one.role.split("/")[0] == table), key=lambda one: one.path):
            days.take_in(table, folder / kept.path)
    chains = dict.fromkeys(archive.positions, START)
    for row in store.log_rows():
        chains[row.record.partition] = chained(chains.get(row.record.partition, START), digest(row))
    for partition, chain in chains.items():
        if partition not in archive.positions or chain.hex() != archive.positions[partition].chain:
            raise RestoredOtherwise(partition)
    return done


def restore_files(folder: Path, contents: Contents, data: Path) -> Iterator[Path]:
    """Copies keys, vault, sources and policy tables into a data directory; gives what it wrote."""
    for kept in contents.files:
        if kept.path.startswith("files/"):
            target = data / kept.role
            with new_file(target) as file:
                file.write((folder / kept.path).read_bytes())
            yield target


def own_policy(folder: Path, contents: Contents, packaged: dict[str, str]) -> bool:
    """Whether the backup's policy tables are others than these."""
    kept = {one.role.removeprefix(POLICY).removesuffix(".toml"): one.path for one in contents.files if one.role.startswith(POLICY)}
    return any((folder / path).read_text("utf-8") != packaged.get(name) for name, path in kept.items())
