"""Read one HTTP request of ClickHouse's protocol into a Call: what to run, with which data, parameters and settings."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field

from aiohttp import BasicAuth, BodyPartReader, web

from console.embedded.access import Access, Role, may_be_set
from console.embedded.encodings import UndecodableBody, decode_body
from console.embedded.lanes import EngineError, SessionKey
from console.embedded.sql import InsertBy, is_many, split_insert

MAX_BODY_BYTES = 1 << 30

# what HTTP clients say to ClickHouse's HTTP layer, and the engine would refuse as unknown settings
_TRANSPORT = frozenset(
    {
        "add_http_cors_header",
        "buffer_size",
        "client_protocol_version",
        "close_session",
        "compress",
        "database",
        "decompress",
        "default_format",
        "enable_http_compression",
        "http_headers_progress_interval_ms",
        "http_zlib_compression_level",
        "password",
        "query",
        "query_id",
        "quota_key",
        "role",
        "send_progress_in_http_headers",
        "session_check",
        "session_id",
        "session_timeout",
        "stacktrace",
        "user",
        "wait_end_of_query",
    }
)


@dataclass(frozen=True, slots=True)
class Call:
    """One statement to run. ``data`` and ``data_format`` are set for an INSERT whose rows come after its statement."""

    sql: bytes
    session: SessionKey
    query_id: str
    data: bytes | None = None
    data_format: str = ""
    params: dict[str, str] = field(default_factory=dict)
    default_format: str = "TabSeparated"
    may_stream: bool = False
    mark: str = field(default_factory=lambda: secrets.token_hex(16))
    """By which the engine's running query is found; query ids are the engine's own."""

    @property
    def marked(self) -> bytes:
        """The statement with its mark as a comment: behind it, so that places in errors stay, unless it may end before."""
        comment = f"/* {self.mark} */".encode()
        return comment + b" " + self.sql if b";" in self.sql else self.sql + b"\n" + comment


async def read_call(request: web.Request, access: Access) -> Call:
    """Read the request. Raises EngineError (ClickHouse's codes) for what is not understood or not supported here, and for a
    wrong password."""
    fields = dict(request.query)
    role = _role(request, fields, access)
    if request.content_type == "multipart/form-data":
        fields.update(await _form_fields(request))
        body = b""
    else:
        body = await _body(request)
    for flag in ("compress", "decompress"):
        if fields.get(flag) in ("1", "true"):
            raise EngineError.own(48, f"{flag}=1 is not supported here: use Content-Encoding", "NOT_IMPLEMENTED")
    query = fields.get("query", "").encode("utf-8", "surrogateescape")
    default_format = fields.get("default_format") or request.headers.get("X-ClickHouse-Format") or ""
    sql, data, data_format = _statement(query, body, default_format)
    return Call(
        sql=sql,
        data=data,
        data_format=data_format,
        session=SessionKey(_database(request, fields) or access.database_of(role), _settings(request, fields, role, access), role),
        query_id=fields.get("query_id") or str(uuid.uuid4()),
        params={name[6:]: value for name, value in fields.items() if name.startswith("param_")},
        default_format=default_format or "TabSeparated",
        may_stream=fields.get("wait_end_of_query") not in ("1", "true"),
    )


def _database(request: web.Request, fields: dict[str, str]) -> str:
    name = fields.get("database") or request.headers.get("X-ClickHouse-Database") or ""
    return "" if name in ("default", "__default__") else name


def _role(request: web.Request, fields: dict[str, str], access: Access) -> Role:
    """Name and password as ClickHouse takes them: HTTP basic authentication, its own headers, or parameters."""
    user: str = fields.get("user") or request.headers.get("X-ClickHouse-User") or ""
    password: str = fields.get("password") or request.headers.get("X-ClickHouse-Key") or ""
    if not password and (given := request.headers.get("Authorization", "")).lower().startswith("basic "):
        try:
            basic = BasicAuth.decode(given, encoding="utf-8")
        except ValueError as problem:
            raise _wrong_password() from problem
        user, password = basic.login or "", basic.password or ""
    role = access.role_of(user, password)
    if role is None:
        raise _wrong_password()
    return role


def _wrong_password() -> EngineError:
    text = "the password is wrong: it stands in engine.secret of the data directory; readers of views give none"
    return EngineError.own(516, text, "AUTHENTICATION_FAILED")


def _settings(request: web.Request, fields: dict[str, str], role: Role, access: Access) -> tuple[tuple[str, str], ...]:
    given = {name: value for name, value in fields.items() if name not in _TRANSPORT and not name.startswith("param_")}
    if role is not Role.OWNER:
        if refused := next((name for name in given if not may_be_set(name)), ""):
            raise EngineError.own(164, f"the setting {refused} may be given by the owner only", "READONLY")
        return access.limits.bound(given) if role is Role.READER else tuple(sorted({**given, "readonly": "1"}.items()))
    if request.method in ("GET", "HEAD"):
        # as ClickHouse does: a link that someone follows must not change anything
        given.setdefault("readonly", "2")
    return tuple(sorted(given.items()))


async def _body(request: web.Request) -> bytes:
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        text = f"the request body exceeds {MAX_BODY_BYTES} bytes: send the rows in several requests"
        raise EngineError.own(119, text, "REQUEST_TOO_LARGE") from error
    try:
        return decode_body(body, request.headers.get("Content-Encoding", ""))
    except UndecodableBody as error:
        raise EngineError.own(117, str(error), "INCORRECT_DATA") from error


async def _form_fields(request: web.Request) -> dict[str, str]:
    """Form fields: clickhouse-connect sends parameters too long for a URL this way."""
    fields: dict[str, str] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise EngineError.own(48, "nested multipart bodies are not supported", "NOT_IMPLEMENTED")
        if part.filename is not None or not (part.name == "query" or part.name.startswith("param_")):
            text = f"external data ({part.name}) is not supported by the embedded engine: insert it into a table first"
            raise EngineError.own(48, text, "NOT_IMPLEMENTED")
        fields[part.name] = (await part.read(decode=True)).decode("utf-8", "surrogateescape")
    return fields


def _statement(query: bytes, body: bytes, default_format: str) -> tuple[bytes, bytes | None, str]:
    """(statement, data or None, data's format): the ``query`` parameter continues in the body, as in ClickHouse."""
    sql = query or body
    rest = body if query else b""
    insert = split_insert(sql)
    if insert is not None and insert.by is InsertBy.DATA:
        return sql[: insert.head_end], sql[insert.data_start :] + rest, insert.format
    if insert is not None and insert.by is InsertBy.INPUT:
        text = "INSERT ... SELECT ... FROM input(...) is not supported by the embedded engine: insert into a table"
        raise EngineError.own(48, text, "NOT_IMPLEMENTED")
    if insert is not None and insert.by is InsertBy.UNSAID and rest:
        if default_format:
            return sql, rest, default_format
        return sql + b" VALUES " + rest, None, ""
    whole = sql + b"\n" + rest if rest else sql
    if not whole.strip():
        raise EngineError.own(62, "Syntax error: empty query", "SYNTAX_ERROR")
    if (insert is None or insert.by is InsertBy.SELECT) and is_many(whole):
        raise EngineError.own(62, "Syntax error: multi-statements are not allowed", "SYNTAX_ERROR")
    return whole, None, ""
