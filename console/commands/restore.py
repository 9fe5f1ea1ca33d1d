"""``xinji restore``: a new data directory out of a backup."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from connectors.clickhouse.client import connect
from connectors.clickhouse.days import Days
from connectors.clickhouse.engine import Engine
from connectors.clickhouse.migrating import migrate
from connectors.clickhouse.migrations import migrations
from connectors.clickhouse.store import Store
from console.alone import engine_alone
from console.configuration import configured
from console.embedded.lock import LOCK_NAME, DataDirLock
from console.language import here
from console.output import err, json_option, print_json, say, told
from projections.policy import packaged_texts
from schemas.sentence import Sentence, Told
from streams.backup.restoring import demand_sound, own_policy, restore_files, restore_store

_RESTORING = Sentence("恢复日志 {done} 条", "restoring the log: {done} records")

_DONE = Sentence(
    "已恢复 {n} 条日志到 {data}；请运行 `xinji up --data {data}`",
    "{n} records of the log are restored to {data}; run `xinji up --data {data}`",
)
_OTHER_POLICY = Sentence(
    "政策表与内置的不同；启动时请设 XINJI_POLICY={data}/policy",
    "its policy tables are not the packaged ones: start it with XINJI_POLICY={data}/policy",
)


class NotEmpty(Told, ValueError):
    """The directory to restore into is there and holds something."""

    says = Sentence(
        "{data} 已存在且不为空；请给出一个新目录",
        "{data} is there and not empty; give a new directory, nothing is ever overwritten",
    )

    def __init__(self, data: Path) -> None:
        self.data = data
        super().__init__(data=data)


@click.command(help="用备份建立新的数据目录 / make a new data directory of a backup; `xinji up` on it serves the same views")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False, exists=True))
@json_option
@told
def command(directory: Path, as_json_: bool) -> None:
    """Checks the whole backup first; what is restored is compared with it. Until it is whole it stands beside, under another
    name, so that a restore that died is simply run again."""
    given = configured()
    data = given.data.absolute()
    if data.exists() and any(data.iterdir()):
        raise NotEmpty(data)
    contents = demand_sound(directory)
    beside = data.with_name(data.name + ".restoring")
    beside.mkdir(mode=0o700, parents=True, exist_ok=True)
    with DataDirLock(beside):
        _clear(beside)
        settings = given.model_copy(update={"data": beside, "database": contents.database})
        for _ in restore_files(directory, contents, beside):
            pass
        with engine_alone(settings) as alone, err.status("") as shown:
            client = connect(alone.clickhouse, alone.database)
            try:
                migrate(client, alone.database, migrations(alone.database))
                store, days = Store(client, alone.database), Days(Engine(client, alone.database))
                records = restore_store(store, days, directory, contents, lambda done: shown.update(here(_RESTORING.of(done=done))))
            finally:
                client.close()
        beside.rename(data)
    other = own_policy(directory, contents, dict(packaged_texts()))
    if as_json_:
        print_json({"data": data, "records": records, "policy": data / "policy" if other else None})
        return
    say(_DONE.of(n=records, data=data))
    if other:
        say(_OTHER_POLICY.of(data=data))


def _clear(beside: Path) -> None:
    """What a restore left that died."""
    for one in beside.iterdir():
        if one.is_dir():
            shutil.rmtree(one)
        elif one.name != LOCK_NAME:
            one.unlink()
