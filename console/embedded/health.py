"""How the parts of the embedded stack are: what the supervisor knows, as plain data, as a file, and as sentences."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from console.keys import write_private
from schemas.sentence import Sentence

HEALTH: Final = "health.json"
GRACE: Final = timedelta(seconds=15)
"""A part that is not ready for longer is a trouble; a start takes some seconds."""
LOOPING: Final = 3
"""So many ends in a row, none of them after a steady while, are a loop."""
_TAIL_BYTES: Final = 4_000
_MOST_BYTES: Final = 1_000_000
_LONGEST: Final = 300
_SAID_TIMES: Final = 3
_SAID_EVERY: Final = 20

State = Literal["waiting", "starting", "ready"]
ENDED: Final = Sentence(
    "{name} 已结束（{code}）：{reason}；正在重新启动（连续第 {n} 次），输出见 {log}",
    "{name} ended ({code}): {reason}; it is started again (end {n} in a row). Its output is in {log}",
)
LOOPS: Final = Sentence(
    "{name} 自 {since} 起反复退出，连续 {n} 次：{reason}；输出见 {log}",
    "{name} ends again and again since {since}, {n} times in a row: {reason}. Its output is in {log}",
)
NOT_READY: Final = Sentence(
    "{name} 自 {since} 起未就绪（{state}）；输出见 {log}", "{name} is not ready since {since} ({state}). Its output is in {log}"
)


@dataclass(frozen=True, slots=True)
class PartState:
    """One part. ``since``: of this state; ``failures``: ends in a row that nobody asked for, ``failing_since`` the first and
    ``reason`` the last of them. Times are UTC."""

    name: str
    state: State
    since: datetime
    pid: int | None
    failures: int
    failing_since: datetime | None
    reason: str
    log: Path

    def trouble(self, now: datetime) -> Sentence | None:
        """What is wrong with it, None where nothing is."""
        told: dict[str, object] = {"name": self.name, "log": self.log, "n": self.failures, "reason": self.reason}
        if self.failures >= LOOPING and self.failing_since is not None:
            return LOOPS.of(since=_shown(self.failing_since), **told)
        if self.state != "ready" and now - self.since > GRACE:
            return NOT_READY.of(since=_shown(self.since), state=self.state, **told)
        return None


@dataclass(slots=True)
class Failures:
    """Ends in a row that nobody asked for."""

    count: int = 0
    since: datetime | None = None
    reason: str = ""

    def add(self, reason: str, now: datetime) -> bool:
        """One more; whether it is worth saying: the first ones are, each with another reason, and then one now and then."""
        self.count, self.since = self.count + 1, self.since or now
        new, self.reason = reason != self.reason, reason
        return new or self.count <= _SAID_TIMES or self.count % _SAID_EVERY == 0


def troubles(parts: Iterable[PartState], now: datetime) -> list[Sentence]:
    """What is wrong with the parts."""
    return [one for part in parts if (one := part.trouble(now)) is not None]


def write_health(data: Path, pid: int, parts: Sequence[PartState]) -> None:
    """Writes down how the parts of the stack supervised by ``pid`` are; beside and renamed, so that nobody reads half of it."""
    beside = data / f"{HEALTH}.new"
    beside.unlink(missing_ok=True)
    write_private(beside, json.dumps({"pid": pid, "parts": [asdict(one) for one in parts]}, default=_plain, indent=2).encode())
    beside.replace(data / HEALTH)


def read_health(data: Path, pid: int) -> list[PartState]:
    """How the parts of the stack supervised by ``pid`` are; empty where nothing is known of that one."""
    try:
        found = json.loads((data / HEALTH).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return []
    return [_part(one) for one in found["parts"]] if found["pid"] == pid else []


def last_words(log: Path, start: int) -> str:
    """The last line that a process wrote into its log, from byte ``start`` on; of a structured one its message."""
    try:
        with log.open("rb") as file:
            file.seek(max(start, file.seek(0, 2) - _TAIL_BYTES))
            lines = [line for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
    except OSError as problem:
        return str(problem)
    return spoken(lines[-1])[:_LONGEST] if lines else "no output"


def new_lines(log: Path, start: int) -> tuple[int, list[str]]:
    """Whole lines that a log has from byte ``start`` on, and where the next begin."""
    try:
        if log.stat().st_size <= start:
            return start, []
        with log.open("rb") as file:
            file.seek(start)
            text, _, _ = file.read(_MOST_BYTES).rpartition(b"\n")
    except OSError:
        return start, []
    return start + len(text) + bool(text), text.decode("utf-8", "replace").splitlines()


def spoken(line: str) -> str:
    """What a line of a log says."""
    told = _structured(line)
    return line.strip() if told is None else ": ".join(str(told[one]) for one in ("message", "detail") if told.get(one))


def alarm_of(line: str) -> str:
    """What a structured line says that is an error; empty for any other line."""
    told = _structured(line) if '"error"' in line else None
    return str(told["message"]) if told is not None and told.get("level") == "error" else ""


def _structured(line: str) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
    except ValueError:
        return None
    return told if isinstance(told, dict) and "message" in told else None


def _part(found: dict[str, Any]) -> PartState:
    times = {name: datetime.fromisoformat(found[name]) if found[name] else None for name in ("since", "failing_since")}
    return PartState(**{**found, **times, "log": Path(found["log"])})


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _shown(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
