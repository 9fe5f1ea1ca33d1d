"""The answer to a query, block by block: memory stays flat however many rows there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from clickhouse_connect.driver.client import Client
from rich.cells import cell_len

from connectors.clickhouse.errors import ClickHouseRefused, translated
from console.query.asked import BadQuery, Query
from schemas.sentence import Sentence

_SAID: Final = re.compile(r"DB::Exception: (.*?)(?: \([A-Z_]+\))? ?\(for url [^)]*\)?", re.DOTALL)
_UNSET_PARAMETER: Final = 456
_SOME_ROWS: Final = 50
_ADVICE: Final = Sentence(
    "{said}\n有哪些视图和列：xinji sql --views，xinji sql --columns 视图",
    "{said}\nviews and columns: xinji sql --views, xinji sql --columns VIEW",
)
_GIVE_IT: Final = Sentence("{said}\n请用 --param 名称=值 给出", "{said}\ngive it by --param name=value")


@dataclass(frozen=True, slots=True)
class Result:
    """Columns with their ClickHouse types, and the rows: dates, decimals and times (aware, UTC) as Python has them."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    blocks: Iterator[Sequence[Sequence[Any]]]


@contextmanager
def asked(client: Client, query: Query) -> Iterator[Result]:
    """Asks; whoever leaves before the end stops the query. Raises BadQuery with what the engine says, ClickHouseBusy and
    ClickHouseAway."""
    with (
        _refusals(client),
        client.query_row_block_stream(
            query.text, parameters=dict(query.parameters) or None, settings=_read_only(client), tz_mode="aware"
        ) as stream,
    ):
        source = stream.source
        yield Result(tuple(source.column_names), tuple(one.name for one in source.column_types), iter(stream))


def as_table(client: Client, query: Query, width: int | None) -> str:
    """The answer as ClickHouse draws it, its first rows where there are very many. ``width`` of a terminal: a table of some rows
    that is wider is drawn value under value."""
    drawn = _drawn(client, query, "PrettyCompactMonoBlock")
    lines = drawn.splitlines()
    if width and len(lines) <= _SOME_ROWS and any(cell_len(line) > width for line in lines):
        return _drawn(client, query, "Vertical")
    return drawn


def _drawn(client: Client, query: Query, form: str) -> str:
    with _refusals(client):
        return client.raw_query(
            query.text, parameters=dict(query.parameters) or None, settings=_read_only(client), fmt=form
        ).decode()


@contextmanager
def _refusals(client: Client) -> Iterator[None]:
    try:
        with translated(client.uri):
            yield
    except ClickHouseRefused as problem:
        advice = _GIVE_IT if problem.code == _UNSET_PARAMETER else _ADVICE
        raise BadQuery(advice.of(said=_said(problem.detail))) from problem


def _said(detail: str) -> str:
    """What the engine said of the query, without the driver's wrapping."""
    found = _SAID.search(detail)
    return found.group(1) if found else detail


def _read_only(client: Client) -> dict[str, int]:
    """Nothing, where the server lets this user only read already."""
    known = client.server_settings.get("readonly")
    return {} if known is not None and known.readonly else {"readonly": 2}
