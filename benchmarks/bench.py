"""What every scenario works with: how much to measure, stacks to measure, engines prepared with prior acts."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Final

from benchmarks import commands
from benchmarks.data import Said
from benchmarks.figures import Sheet
from benchmarks.inside import load, load_lives
from benchmarks.processes import Cpu, used
from benchmarks.stacks import STACKS, Running, query, running_engine

_MERGE_SECONDS: Final = 60.0
_NOWHERE: Final = "127.0.0.1:1"
"""Commands that need ClickHouse only want a broker's address all the same."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured. ``seconds``: of sustained pushing; ``restatements``: of one act, once after the other."""

    prior: tuple[int, ...]
    seconds: float
    history: int
    hot: tuple[int, ...]
    further: int
    backdated: int
    restatements: int
    file_rows: int
    at_once: int
    singles: int
    records: int


FULL: Final = Scale((10_000, 1_000_000), 60.0, 1_000_000, (10, 100, 1_000, 10_000), 24, 100_000, 5_000, 20_000, 5_000, 200, 400)
QUICK: Final = Scale((10_000, 100_000), 10.0, 20_000, (10, 100, 1_000), 12, 2_000, 300, 2_000, 1_000, 40, 100)
TINY: Final = Scale((200,), 1.0, 200, (10,), 2, 60, 20, 60, 60, 2, 5)
"""Proves that the harness works, and nothing else."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An engine's directory with prior acts and their projections, and what `xinji rebuild` took to make these."""

    engine: Path
    acts: int
    rebuild: commands.Ran
    spent: Mapping[str, Cpu]
    peaks: Mapping[str, int]


@dataclass
class Bench:
    """``patience``: seconds to wait for anything that was pushed or started. ``gates`` and ``projectors`` of the stack on
    Kafka; the embedded one has as many as `xinji up` starts."""

    directory: Path
    scale: Scale
    stacks: Sequence[str]
    patience: float
    tell: Callable[[str], None]
    gates: int = 1
    projectors: int = 1
    _prepared: dict[int, Prepared] = field(default_factory=dict)
    sheets: list[Sheet] = field(default_factory=list)
    _started: int = 0

    def sheet(self, zh: str, en: str, *columns: tuple[str, str]) -> Sheet:
        """A new sheet of this run; what stands in it is shown, also when a later row can't be measured."""
        self.sheets.append(Sheet(f"{zh} / {en}", columns))
        return self.sheets[-1]

    def prepared(self, prior: int) -> Prepared:
        """So many prior acts, ten of each subject; made once."""
        if prior not in self._prepared:
            self.tell(f"{prior:,} prior acts: loading")
            self._prepared[prior] = self._prepare(f"prior-{prior}", lambda url: load_lives(url, prior))
        return self._prepared[prior]

    def prepared_with(self, name: str, said: Callable[[], Sequence[Said]]) -> Prepared:
        """These prior acts."""
        self.tell(f"{name}: loading")
        return self._prepare(name, lambda url: load(url, said()))

    @contextmanager
    def stack(self, name: str, prepared: Prepared | None = None, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
        """A running stack in a directory of its own, which is gone afterwards."""
        self._started += 1
        directory = self.directory / f"{name}-{self._started}"
        more = {"workers": ["projector"] * self.projectors + ["gate"] * self.gates} if name == "kafka" else {}
        opened: AbstractContextManager[Running] = STACKS[name](directory, prepared and prepared.engine, environment, **more)
        with opened as stack:
            yield stack
        shutil.rmtree(directory)  # kept when it failed: its logs say why

    def _prepare(self, name: str, loaded: Callable[[str], int]) -> Prepared:
        directory = self.directory / name
        directory.mkdir()
        log = directory / "command.log"
        with running_engine(directory / "engine", directory / "engine.log") as url:
            told = {"XINJI_DATA": str(directory), "XINJI_CLICKHOUSE": url, "XINJI_BOOTSTRAP": _NOWHERE}
            commands.run(log, told, "migrate", patience=self.patience)
            acts = loaded(url)
            _await_merges(url)
            self.tell(f"{name}: xinji rebuild")
            stack = Running(name, directory, _NOWHERE, url, told)
            before = stack.cpu()
            ran = stack.run("rebuild", *self._workers(log, told), "--json", patience=self.patience)
            spent, peaks = used(stack.cpu(), before), stack.peaks()
            _await_merges(url)
        return Prepared(directory / "engine", acts, ran, spent, peaks)

    def _workers(self, log: Path, told: Mapping[str, str]) -> list[str]:
        """Two workers, where `xinji rebuild` can have more than one."""
        help_text = commands.run(log, told, "rebuild", "--help", patience=self.patience).out
        return ["--workers", "2"] if "--workers" in help_text else []


def _await_merges(url: str) -> None:
    """Measuring begins when the engine has merged what was loaded, as it would have long ago."""
    deadline, pause = time.monotonic() + _MERGE_SECONDS, Event()
    while int(query(url, "SELECT count() FROM system.merges", {})[0][0]) and time.monotonic() < deadline:
        pause.wait(0.2)
