"""A proxy before ClickHouse that answers some requests itself: with errors, with half an answer, or not at all."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
from aiohttp import web

PASS: Final = "pass"
BUSY: Final = "busy"
"""500 with ClickHouse's body for MEMORY_LIMIT_EXCEEDED, which passes by itself."""
BROKEN: Final = "broken"
"""500 with ClickHouse's body for LOGICAL_ERROR, which does not say that trying again helps."""
GATEWAY: Final = "gateway"
"""503 with a page, as a load balancer answers when its servers are away."""
CUT: Final = "cut"
"""The request is carried out, and half of its answer arrives."""
LOST: Final = "lost"
"""The request is carried out, and its answer is lost."""
REFUSED: Final = "refused"
"""The connection is closed before anything is carried out."""
_BODIES: Final = {
    BUSY: (241, "Code: 241. DB::Exception: Memory limit (total) exceeded. (MEMORY_LIMIT_EXCEEDED) (version 26.9.1.1)\n"),
    BROKEN: (49, "Code: 49. DB::Exception: Something that should not happen. (LOGICAL_ERROR) (version 26.9.1.1)\n"),
}
_OF_THE_CONNECTION: Final = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "te", "upgrade"}


class Proxy:
    """Listens on 127.0.0.1 before ``target``. ``fault`` is asked for every request and returns one of the words above."""

    def __init__(self, port: int, target: str, fault: Callable[[], str]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.did: Counter[str] = Counter()
        self.fault = fault
        self._port, self._target = port, target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy")
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._await(self._start())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._await(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _await(self, work: Coroutine[Any, Any, None]) -> None:
        future: Future[None] = asyncio.run_coroutine_threadsafe(work, self._loop)
        future.result(30)

    async def _start(self) -> None:
        self._session = aiohttp.ClientSession(auto_decompress=False, timeout=aiohttp.ClientTimeout(total=300))
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(
            app, access_log=None, auto_decompress=False, max_line_size=1 << 20, max_field_size=1 << 20, shutdown_timeout=1.0
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()

    async def _stop(self) -> None:
        assert self._runner is not None
        assert self._session is not None
        await self._runner.cleanup()
        await self._session.close()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        how = PASS if request.path == "/ping" else self.fault()
        self.did[how] += 1
        if how in _BODIES:
            code, text = _BODIES[how]
            return web.Response(status=500, text=text, headers={"X-ClickHouse-Exception-Code": str(code)})
        if how == GATEWAY:
            return web.Response(status=503, text="<html><body>503 Service Unavailable</body></html>", content_type="text/html")
        if how == REFUSED:
            return self._hang_up(request)
        try:
            status, headers, answer = await self._forward(request, body)
        except aiohttp.ClientError:
            return self._hang_up(request)
        if how == LOST:
            return self._hang_up(request)
        if how == CUT:
            response = web.StreamResponse(status=status, headers=headers | {"Content-Length": str(len(answer) + 1)})
            await response.prepare(request)
            await response.write(answer[: len(answer) // 2])
            return self._hang_up(request)
        return web.Response(status=status, headers=headers, body=answer)

    async def _forward(self, request: web.Request, body: bytes) -> tuple[int, dict[str, str], bytes]:
        assert self._session is not None
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OF_THE_CONNECTION}
        async with self._session.request(request.method, f"{self._target}{request.raw_path}", data=body, headers=headers) as answer:
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _OF_THE_CONNECTION}
            return answer.status, kept, await answer.read()

    @staticmethod
    def _hang_up(request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
