"""Lanes to the in-process engine: each is one thread with engine connections of its own.

A process hosts one engine, which lives until its last connection closes; never fork once a lane is open. An engine
connection serves one statement at a time, and settings (SET) and the current database (USE) belong to it, so a lane
keeps a connection for each combination it was lately asked for and never has to put anything back.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from console.embedded.access import Role
from schemas.sentence import Signal

if TYPE_CHECKING:
    from chdb.state.sqlitelike import Connection

T = TypeVar("T")
SESSIONS_PER_LANE = 6
_CODE = re.compile(r"Code: (\d+)\. ")
_SETTING_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*\Z")


class EngineError(Signal):
    """What the engine (or its front) refused: ClickHouse's error code and its message from ``Code:`` on, which is answered to
    its clients in ClickHouse's own words."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @classmethod
    def of(cls, error: Exception) -> EngineError:
        """Read the engine's own exception; code 1002 (UNKNOWN_EXCEPTION) when it carries none."""
        text = str(error)
        found = _CODE.search(text)
        if found is None:
            return cls.own(1002, text or type(error).__name__, "UNKNOWN_EXCEPTION")
        return cls(int(found.group(1)), text[found.start() :].strip())

    @classmethod
    def own(cls, code: int, text: str, name: str) -> EngineError:
        """An error of the front's own, in the engine's style."""
        return cls(code, f"Code: {code}. DB::Exception: {text} ({name})")


@dataclass(frozen=True, slots=True)
class EnginePath:
    """The engine's data directory, and the configuration that it is opened with."""

    data: Path
    configuration: Path

    @property
    def argument(self) -> str:
        """As the engine's binding takes it."""
        return f"{self.data}?config-file={self.configuration}"


@dataclass(frozen=True, slots=True)
class SessionKey:
    """What an engine connection is set to: role, current database (empty: ``default``) and settings as (name, value)."""

    database: str = ""
    settings: tuple[tuple[str, str], ...] = ()
    role: Role = Role.OWNER


class Lane:
    """One thread and its engine connections. Everything but ``run`` and ``close`` is called on that thread."""

    def __init__(self, path: EnginePath) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="engine-lane")
        self._sessions: dict[SessionKey, Connection] = {}

    async def run(self, work: Callable[[], T]) -> T:
        """Do the work on the lane's thread. Raises EngineError for whatever the engine raised."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def session(self, key: SessionKey) -> Connection:
        """The lane's connection set to this key, opened when there is none (0.2 ms). Raises EngineError."""
        known = self._sessions.pop(key, None)
        if known is None:
            while len(self._sessions) >= SESSIONS_PER_LANE:
                self._sessions.pop(next(iter(self._sessions))).close()
            known = open_session(self._path, key)
        self._sessions[key] = known
        return known

    def discard(self, key: SessionKey) -> None:
        """Close the connection of this key: a statement changed it."""
        known = self._sessions.pop(key, None)
        if known is not None:
            known.close()

    async def close(self) -> None:
        """Close the lane's connections and end its thread."""
        await self.run(self._close_sessions)
        self._thread.shutdown()

    def _close_sessions(self) -> None:
        while self._sessions:
            self._sessions.popitem()[1].close()


class Lanes:
    """A fixed number of lanes; whoever takes one waits until one is free."""

    def __init__(self, path: EnginePath, count: int) -> None:
        self._lanes = [Lane(path) for _ in range(count)]
        self._free: asyncio.LifoQueue[Lane] = asyncio.LifoQueue()
        for lane in self._lanes:
            self._free.put_nowait(lane)

    @asynccontextmanager
    async def take(self) -> AsyncIterator[Lane]:
        """A lane for the time of the block."""
        lane = await self._free.get()
        try:
            yield lane
        finally:
            self._free.put_nowait(lane)

    async def idle(self, seconds: float) -> bool:
        """Wait until no lane is taken, at most these seconds; False when one still is."""
        taken: list[Lane] = []
        try:
            async with asyncio.timeout(seconds):
                while len(taken) < len(self._lanes):
                    taken.append(await self._free.get())
        except TimeoutError:
            return False
        finally:
            for lane in taken:
                self._free.put_nowait(lane)
        return True

    async def close(self) -> None:
        """Close every lane, waiting for the work on it."""
        for lane in self._lanes:
            await lane.close()


def open_session(path: EnginePath, key: SessionKey) -> Connection:
    """Open an engine connection set to the key. Raises EngineError (unknown database 81, unknown setting 115 ...)."""
    # imported here so that reading this module stays cheap and the caller can set the process's time zone first
    from chdb.state.sqlitelike import connect

    try:
        connection = connect(path.argument)
    except RuntimeError as error:
        raise EngineError.of(error) from error
    try:
        connection.query(f"SET ROLE {key.role}", "Null")
        if key.database:
            connection.query(f"USE {quote_name(key.database)}", "Null")
        if key.settings:
            connection.query(f"SET {_assignments(key.settings)}", "Null")
    except RuntimeError as error:
        connection.close()
        raise EngineError.of(error) from error
    except EngineError:
        connection.close()
        raise
    return connection


def quote_name(name: str) -> str:
    """A ClickHouse identifier in backticks."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def quote_text(text: str) -> str:
    """A ClickHouse string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _assignments(settings: tuple[tuple[str, str], ...]) -> str:
    for name, _ in settings:
        if not _SETTING_NAME.match(name):
            raise EngineError.own(115, f"Unknown setting {name!r}.", "UNKNOWN_SETTING")
    # readonly goes last: after it nothing else may be set
    ordered = sorted(settings, key=lambda item: item[0] == "readonly")
    return ", ".join(f"{name} = {quote_text(value)}" for name, value in ordered)
