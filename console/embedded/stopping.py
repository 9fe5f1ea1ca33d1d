"""Stopping the query of a client that has gone: nobody waits for its answer, and others wait for its lane."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final, TypeVar

from console.embedded.call import Call
from console.embedded.lanes import EngineError, EnginePath, Lane, Lanes, SessionKey, quote_text
from console.embedded.statement import only_reads

T = TypeVar("T")
_AGAIN_SECONDS: Final = 0.25


class Stopper:
    """Kills queries over a lane of its own, which is free however long the others are taken."""

    def __init__(self, path: EnginePath) -> None:
        self._lanes = Lanes(path, 1)

    async def unless_left(self, lane: Lane, call: Call, work: Callable[[], T]) -> T:
        """The result of work for the call on its lane. When the client goes meanwhile (this is cancelled then) a query is
        stopped, and whatever is under way is waited for: its lane serves nobody else before."""
        running = asyncio.ensure_future(lane.run(work))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            while not running.done():
                # again: at first the engine may not have known it yet
                if only_reads(call):
                    await self._kill(call)
                await asyncio.wait([running], timeout=_AGAIN_SECONDS)
            if not running.cancelled():
                running.exception()
            raise

    async def close(self) -> None:
        """Waits for what it does, and closes its connections."""
        await self._lanes.close()

    async def _kill(self, call: Call) -> None:
        # the mark in two parts: this statement holds it too
        half = len(call.mark) // 2
        mark = f"{quote_text(call.mark[:half])} || {quote_text(call.mark[half:])}"
        async with self._lanes.take() as lane:
            with contextlib.suppress(EngineError, RuntimeError):
                await lane.run(
                    lambda: lane.session(SessionKey()).query(f"KILL QUERY WHERE position(query, {mark}) > 0 ASYNC", "Null")
                )
