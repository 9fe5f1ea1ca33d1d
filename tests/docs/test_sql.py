"""The queries of the docs ask views that exist, and the engine takes them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.client import Client

from projections.views import catalogue_of_views
from tests.connectors.store.conftest import dropped, migrated
from tests.docs.pages import PAGES, blocks, command_lines

_ASKED = re.compile(r"\b(FROM|(?<!ARRAY )JOIN)\s+([a-z_]+)\b", re.IGNORECASE)
VIEWS = {name for view in catalogue_of_views() for name in (view.name, view.twin) if name}
QUERIES = [one.text.strip() for page in PAGES for one in blocks(page, "sql")] + [
    words[2]
    for page in PAGES
    for words in command_lines(page)
    if len(words) > 2 and words[1] == "sql" and not words[2].startswith("-")
]


def test_there_are_queries() -> None:
    assert len(QUERIES) > 10


@pytest.mark.parametrize("query", QUERIES)
def test_queries_ask_views(query: str) -> None:
    asked = {name for _, name in _ASKED.findall(query)}
    assert asked
    assert asked <= VIEWS


@pytest.mark.stack
@pytest.mark.parametrize("query", QUERIES)
def test_queries_run(query: str, engine: Client, shared_database: str) -> None:
    engine.query(_ASKED.sub(rf"\1 {shared_database}.\2", query))


@pytest.fixture(scope="module")
def shared_database(engine: Client) -> Iterator[str]:
    name = migrated(engine)
    yield name
    dropped(engine, name)
