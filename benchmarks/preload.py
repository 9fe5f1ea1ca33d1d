"""Prior acts, put where the gate and the projector would have put them, without these two: that would take too long.

Records are built as the gate builds them (ids, headers, partitions, offsets), landed and evaluated with the projector's
own functions, in big blocks, by one process a core. The bus is filled from ``act_log`` afterwards.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Final

from streams.evaluation import Evaluator

from benchmarks.data import ACTS_OF_A_SUBJECT, Recorder, life, subject_ids
from benchmarks.parts import engine_argv, free_port
from connectors.clickhouse.client import connect
from connectors.clickhouse.store import Store
from connectors.settings import Settings
from console.commands.migrate import migrate_database
from console.embedded.process import start_process, stop_process
from schemas.partition import partition_of
from schemas.records import Positions
from streams.policies import load_policy
from streams.projector.core import positions, write_rows
from streams.projector.landing import landed
from streams.topics import ACTS_PARTITIONS

_SUBJECTS_AT_ONCE: Final = 2_000
_ANSWER_SECONDS: Final = 60.0
_MERGE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Preloaded:
    """An engine's data directory with prior acts in it; ``seconds`` that loading took."""

    engine: Path
    acts: int
    seconds: float


def preload(directory: Path, prior: int) -> Preloaded:
    """Makes an engine's data directory with ``prior`` acts landed and projected (rounded up to whole subjects)."""
    began = time.monotonic()
    with engine(directory / "engine", directory / "engine.log") as url:
        settings = Settings(data=directory, clickhouse=url)
        migrate_database(settings)
        store = open_store(settings)
        evaluator = evaluator_of(store)
        workers = min(os.cpu_count() or 1, 4)
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            shares = [pool.submit(_load, url, settings.database, prior, evaluator.generation, at, workers) for at in range(workers)]
            reached: Positions = {}
            for share in shares:
                reached |= share.result()
        store.advance("landed", reached)
        store.advance("projected", reached)
        _await_merges(url)
    return Preloaded(directory / "engine", len(subject_ids(prior)) * ACTS_OF_A_SUBJECT, time.monotonic() - began)


def copied(loaded: Preloaded, data: Path) -> None:
    """A copy of the engine's directory where an embedded stack with this data directory keeps its own."""
    shutil.copytree(loaded.engine, data / "engine", symlinks=True)


@contextmanager
def engine(path: Path, log: Path) -> Iterator[str]:
    """A running embedded engine; gives its address."""
    port = free_port()
    process = start_process(engine_argv(path, port), log)
    try:
        await_engine(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        stop_process(process, 30.0)


def await_engine(url: str) -> None:
    """Returns when the engine answers; raises OSError when it does not within a minute."""
    deadline, pause = time.monotonic() + _ANSWER_SECONDS, Event()
    while True:
        try:
            urllib.request.urlopen(f"{url}/ping", timeout=1.0).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            pause.wait(0.05)
        else:
            return


def open_store(settings: Settings) -> Store:
    """The store at the settings' ClickHouse."""
    return Store(connect(settings.clickhouse, settings.database), settings.database)


def evaluator_of(store: Store) -> Evaluator:
    """The folds under the packaged policy, as a projector on this store has them."""
    policy = load_policy(None)
    return Evaluator(policy, store.current_generation(policy.digest, policy.calendar.digest, datetime.now(UTC)))


def _load(url: str, database: str, prior: int, generation: int, share: int, shares: int) -> Positions:
    """The partitions of one share, in a process of its own."""
    store = Store(connect(url, database), database)
    evaluator, recorder = Evaluator(load_policy(None), generation), Recorder({})
    mine = [number for number, subject in enumerate(subject_ids(prior)) if partition_of(subject, ACTS_PARTITIONS) % shares == share]
    reached: Positions = {}
    for start in range(0, len(mine), _SUBJECTS_AT_ONCE):
        lives = [life(number) for number in mine[start : start + _SUBJECTS_AT_ONCE]]
        # one event of each subject after the other, as they come in time
        records = list(recorder.records(said for of_all in zip(*lives, strict=True) for said in of_all))
        rows = [landed(record) for record in records]
        store.land([row for row, _ in rows])
        reached |= positions(records)
        events = [[event for _, event in rows[at :: len(lives)]] for at in range(len(lives))]
        write_rows(store, (evaluator.rows(about[0].header["subject_id"], about) for about in events))
    return reached


def _await_merges(url: str) -> None:
    """Measuring begins when the engine has merged what was loaded, as it would have long ago."""
    deadline, pause = time.monotonic() + _MERGE_SECONDS, Event()
    with connect(url, "system") as client:
        while client.query("SELECT count() FROM system.merges").result_rows[0][0] and time.monotonic() < deadline:
            pause.wait(0.2)
