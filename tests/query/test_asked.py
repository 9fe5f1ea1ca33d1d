"""Queries as people give them, and the prompt."""

from __future__ import annotations

import io
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from console.query.asked import BadQuery, query_text, read_parameters, read_query
from console.query.prompt import HISTORY, Words, candidates, history, statements, talk


def test_a_query_is_an_argument_a_file_or_standard_input(tmp_path: Path) -> None:
    path = tmp_path / "q.sql"
    path.write_text("SELECT 1", encoding="utf-8-sig")
    assert query_text(None, path, io.StringIO()) == query_text("SELECT 1", None, io.StringIO()) == "SELECT 1"
    assert query_text("-", None, io.StringIO("SELECT 1")) == "SELECT 1"
    assert query_text(None, None, io.StringIO("SELECT 1")) is None
    for argument, file in (("SELECT 1", path), (None, tmp_path / "absent"), (None, tmp_path)):
        with pytest.raises(BadQuery):
            query_text(argument, file, io.StringIO())


def test_parameters_belong_to_places_of_the_query() -> None:
    given = read_parameters(["d=2020-01-02", "name=a=b"])
    assert given == {"d": "2020-01-02", "name": "a=b"}
    assert read_query("SELECT { d : Date}, {name:String} ; ", given).text == "SELECT { d : Date}, {name:String}"
    with pytest.raises(BadQuery, match="no parameter name"):
        read_query("SELECT {d:Date}", given)
    for wrong in (["d"], ["=x"], ["a b=1"], ["d=1", "d=2"]):
        with pytest.raises(BadQuery):
            read_parameters(wrong)


@pytest.mark.parametrize(
    "text", ["", " ;", "DROP TABLE act_log", "INSERT INTO a VALUES (1)", "SELECT 1 FORMAT CSV", "-- x\nSET a = 1"]
)
def test_what_is_no_query_is_refused(text: str) -> None:
    with pytest.raises(BadQuery):
        read_query(text, {})


@pytest.mark.parametrize(
    "text", ["SELECT 1", "(SELECT 1)", "-- x\n/* y */ with a as (select 1) select 1", "show tables", "DESC acts"]
)
def test_what_reads_is_taken(text: str) -> None:
    assert read_query(text, {}).text == text


def typed(*lines: str | type[BaseException]) -> list[str]:
    waiting: Iterator[str | type[BaseException]] = iter((*lines, EOFError))

    def line(_: bool) -> str:
        one = next(waiting)
        if isinstance(one, str):
            return one
        raise one

    return list(statements(line))


def test_statements_end_with_a_semicolon_and_may_be_begun_again() -> None:
    assert typed("SELECT 1", "", "FROM x;", "\\d acts", "SELECT", KeyboardInterrupt, "SELECT 2;") == [
        "SELECT 1\n\nFROM x;",
        "\\d acts",
        "SELECT 2;",
    ]
    assert typed("SELECT 1;", "exit", "SELECT 2;") == ["SELECT 1;"]


def test_views_then_columns_then_keywords_are_offered() -> None:
    views = dict(candidates("SELECT 1 FROM ", "SELECT 1 FROM "))
    assert {"act_states", "blacklist_as_of(d = '"} <= views.keys()
    words = dict(candidates("SELECT ", "SELECT  FROM blacklist"))
    assert "listed_from" in words
    assert "fine_amount" not in words
    assert "GROUP" in words
    assert "fine_amount" in dict(candidates("SELECT ", "SELECT "))


def test_what_is_begun_is_completed() -> None:
    asked_for = CompleteEvent(completion_requested=True)
    found = [one.text for one in Words().get_completions(Document("SELECT 1 FROM BLACKL"), asked_for)]
    assert found == ["blacklist", "blacklist_as_of(d = '"]


def test_the_prompt_asks_and_remembers(tmp_path: Path) -> None:
    asked: list[str] = []
    described: list[str] = []
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("SELECT 1 FROM blacklist;\n\\d acts\nquit\n")
        talk(tmp_path, asked.append, described.append)
    assert asked == ["SELECT 1 FROM blacklist;"]
    assert described == ["acts"]
    path = tmp_path / HISTORY
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "+SELECT 1 FROM blacklist;" in path.read_text("utf-8")
    assert list(history(tmp_path / "absent").load_history_strings()) == []
