"""The engine front: ClickHouse's HTTP protocol before the in-process engine, on 127.0.0.1 only.

clickhouse-connect's ordinary HTTP client, curl and whatever else speaks that protocol use it like a server. What
differs from a server:

- It knows one secret. Who sends it as the password is the owner, or the auditor by that name; everybody else on this
  machine reads the views, within limits (access.py). Nobody reaches files or the network by a statement (guard.py). What a
  web page makes a browser send is refused.
- A query is stopped when its client goes; what writes is finished.
- There are no HTTP sessions: ``session_id`` is ignored, SET and USE and temporary tables last for their own request.
- Responses are never compressed (it is loopback). Request bodies may be lz4, zstd, gzip or deflate, in many frames.
- External data (multipart files), ``INSERT ... SELECT FROM input()``, ``compress=1`` and ``decompress=1`` are refused.
- The time zone is UTC, whatever the machine's is.

Durability: an INSERT is answered when its part is written and renamed into place, which survives SIGKILL of this
process. It survives loss of power only in tables created with ``SETTINGS fsync_after_insert = 1,
fsync_part_directory = 1``. A status file left by a killed process doesn't hinder the next start.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path

from aiohttp import web

from console.embedded.access import Access, Role, write_configuration
from console.embedded.call import MAX_BODY_BYTES, Call, read_call
from console.embedded.lanes import EngineError, EnginePath, Lanes, SessionKey, open_session
from console.embedded.statement import Answer, Stream, can_stream, open_stream, run
from console.embedded.stopping import Stopper
from schemas.sentence import Sentence, Told

HOST = "127.0.0.1"
LANES = {Role.OWNER: 4, Role.AUDITOR: 2, Role.READER: 2}
"""Who only reads has lanes of their own: however many ask, and however long, no worker waits for them."""
STOP_SECONDS = 5.0
# a reader of a stream holds a lane; one that reads nothing for so long loses it
STALL_SECONDS = 300.0
MAX_HEAD_BYTES = 1 << 20

# ClickHouse's own mapping of exception codes to HTTP statuses, as far as they can occur here; the rest is 500
_STATUS = {
    **dict.fromkeys((6, 26, 27, 36, 38, 41, 53, 62, 69, 72, 117, 321, 386, 456, 457), 400),
    **dict.fromkeys((46, 47, 50, 56, 60, 73, 81, 115), 404),
    48: 501,
    119: 413,
    159: 408,
    164: 403,
    497: 403,
    516: 403,
}
_CONTENT_TYPE = {
    "JSON": "application/json; charset=UTF-8",
    "JSONCompact": "application/json; charset=UTF-8",
    "JSONEachRow": "application/x-ndjson; charset=UTF-8",
    "TabSeparated": "text/tab-separated-values; charset=UTF-8",
    "TSV": "text/tab-separated-values; charset=UTF-8",
    "CSV": "text/csv; charset=UTF-8",
    "CSVWithNames": "text/csv; charset=UTF-8; header=present",
}
_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_OTHER_SITES = frozenset({"cross-site", "same-site"})


class EngineNotOpened(Told):
    """The engine's data directory could not be opened."""

    says = Sentence(
        "无法打开 {path} 中的引擎数据：{reason} 如有其他进程占用，请先停止它；否则请看上面引擎自己的输出",
        "Cannot open the engine's data in {path}: {reason} If another process has it open, stop that one first; otherwise look "
        "at the lines above for the engine's own words.",
    )

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path=path, reason=reason)
        self.path = path
        self.reason = reason


def serve(path: Path, port: int, access: Access) -> None:
    """Open (or create) the engine's data directory and answer on 127.0.0.1:port until SIGTERM or SIGINT.

    Call it in the process's main thread, before anything else uses the engine. On the signal running requests get
    STOP_SECONDS, then their queries are cancelled; the engine is closed and the function returns. Raises
    EngineNotOpened when the directory can't be opened (another process has it open, say), OSError when the port is
    taken.
    """
    os.environ["TZ"] = "UTC"
    time.tzset()
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    asyncio.run(_serve(EnginePath(path, write_configuration(path, access.views)), port, access))


async def _serve(path: EnginePath, port: int, access: Access) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    # keeps the engine alive while lanes open and close connections of their own
    try:
        keeper = open_session(path, SessionKey())
    except EngineError as error:
        raise EngineNotOpened(path.data, error.message) from error
    lanes = {role: Lanes(path, count) for role, count in LANES.items()}
    stopper = Stopper(path)
    try:
        runner = web.AppRunner(
            application(lanes, stopper, access),
            access_log=None,
            auto_decompress=False,
            max_line_size=MAX_HEAD_BYTES,
            max_field_size=MAX_HEAD_BYTES,
            shutdown_timeout=1.0,
            handler_cancellation=True,
        )
        await runner.setup()
        try:
            site = web.TCPSite(runner, HOST, port)
            await site.start()
            await stopped.wait()
            await site.stop()
            if not await _idle(lanes.values()):
                keeper.query("KILL QUERY WHERE query NOT LIKE 'KILL QUERY%' ASYNC", "Null")
                await _idle(lanes.values())
        finally:
            await runner.cleanup()
    finally:
        for one in lanes.values():
            await one.close()
        await stopper.close()
        keeper.close()


async def _idle(all_lanes: Iterable[Lanes]) -> bool:
    return all(await asyncio.gather(*(lanes.idle(STOP_SECONDS) for lanes in all_lanes)))


def application(lanes: Mapping[Role, Lanes], stopper: Stopper, access: Access) -> web.Application:
    """The front as an aiohttp application over the lanes of each role."""
    front = _Front(lanes, stopper, access)
    app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[_local_only])
    for route in ("/ping", "/replicas_status"):
        app.router.add_get(route, _ok)
    app.router.add_route("*", "/", front.answer)
    return app


async def _ok(_: web.Request) -> web.Response:
    return web.Response(text="Ok.\n")


@web.middleware
async def _local_only(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
    """Refuse what a web page makes a browser send: without users, reaching the port would be enough to write."""
    name = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    by_page = "Origin" in request.headers or request.headers.get("Sec-Fetch-Site", "none") in _OTHER_SITES
    if name not in _LOOPBACK_NAMES or by_page:
        text = "this engine answers programs on this machine only; call it as 127.0.0.1 and not from a web page"
        return _failure(EngineError.own(497, text, "ACCESS_DENIED"), "", status=403)
    return await handler(request)


class _Front:
    def __init__(self, lanes: Mapping[Role, Lanes], stopper: Stopper, access: Access) -> None:
        self._lanes, self._stopper, self._access = lanes, stopper, access

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.method not in ("GET", "POST", "HEAD"):
            return web.Response(status=405, headers={"Allow": "GET, POST, HEAD"})
        if request.method != "POST" and "query" not in request.query and not request.can_read_body:
            return web.Response(text="Ok.\n")
        query_id = request.query.get("query_id", "")
        try:
            call = await read_call(request, self._access)
            query_id = call.query_id
            if can_stream(call):
                return await self._stream(request, call)
            async with self._lanes[call.session.role].take() as lane:
                answer = await self._stopper.unless_left(lane, call, lambda: run(lane, call))
            return _whole(answer, call)
        except EngineError as error:
            return _failure(error, query_id)

    async def _stream(self, request: web.Request, call: Call) -> web.StreamResponse:
        async with self._lanes[call.session.role].take() as lane:
            opened: Stream | Answer | None = None

            def open_it() -> Stream | Answer:
                nonlocal opened
                opened = open_stream(lane, call)
                return opened

            try:
                answer = await self._stopper.unless_left(lane, call, open_it)
                if isinstance(answer, Answer):
                    return _whole(answer, call)
                stream = answer
                return await _send_stream(request, call, stream, lambda: self._stopper.unless_left(lane, call, stream.next))
            finally:
                # shielded: an open stream would make its connection answer nothing from then on
                if isinstance(opened, Stream):
                    await asyncio.shield(lane.run(opened.close))


async def _send_stream(
    request: web.Request, call: Call, stream: Stream, next_chunk: Callable[[], Awaitable[bytes | None]]
) -> web.StreamResponse:
    tag = secrets.token_hex(8)
    response = web.StreamResponse(headers={**_headers(call.query_id, stream.format), "X-ClickHouse-Exception-Tag": tag})
    chunk: bytes | None = stream.first
    try:
        await response.prepare(request)
        while chunk is not None:
            async with asyncio.timeout(STALL_SECONDS):
                await response.write(chunk)
            chunk = await next_chunk()
        await response.write_eof()
    except ConnectionResetError:
        # the reader left early, which is its right: the caller closes the stream
        return response
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
    except EngineError as error:
        await response.write(_late_failure(error, tag))
        # no final chunk: a reader that doesn't know the tag must not take what it has for the whole
        if request.transport is not None:
            request.transport.close()
    return response


def _whole(answer: Answer, call: Call) -> web.Response:
    headers = _headers(call.query_id, answer.format)
    headers["X-ClickHouse-Summary"] = json.dumps(answer.summary)
    return web.Response(body=answer.body, headers=headers)


def _failure(error: EngineError, query_id: str, status: int = 0) -> web.Response:
    headers = _headers(query_id, None)
    headers["X-ClickHouse-Exception-Code"] = str(error.code)
    text = error.message + "\n"
    return web.Response(body=text.encode(), status=status or _STATUS.get(error.code, 500), headers=headers)


def _late_failure(error: EngineError, tag: str) -> bytes:
    message = error.message + "\n"
    length = len(message.encode())
    return f"\r\n__exception__\r\n{tag}\r\n{message}{length} {tag}\r\n__exception__\r\n".encode()


def _headers(query_id: str, format: str | None) -> dict[str, str]:
    headers = {
        "Content-Type": _CONTENT_TYPE.get(format, "application/octet-stream") if format else "text/plain; charset=UTF-8",
        "X-ClickHouse-Query-Id": query_id,
        "X-ClickHouse-Server-Display-Name": "xinji-embedded",
        "X-ClickHouse-Timezone": "UTC",
    }
    if format:
        headers["X-ClickHouse-Format"] = format
    return headers
