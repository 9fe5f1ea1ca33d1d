"""Every message is complete in both languages, and every error is one that people can read."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from console.environment import NoStack
from console.language import language_of
from console.main import main
from schemas.sentence import Sentence, Signal, Told
from tests.docs.messages import Message, error_classes, places, rows

_HAN = re.compile(r"[一-鿿]")
MESSAGES = rows()


def _wrong() -> Iterator[tuple[Message, str]]:
    for one in MESSAGES:
        zh, en = one.sentence.zh, one.sentence.en
        if one.flaw:
            yield one, one.flaw
        elif not zh.strip() or not en.strip():
            yield one, "a language is missing"
        elif places(zh) != places(en):
            yield one, f"its places differ: {sorted(places(zh) ^ places(en))}"
        elif not _HAN.search(zh) and re.search("[A-Za-z]", re.sub(r"\{.*?\}|--[a-z-]+", "", zh)):
            yield one, "the Chinese text is Latin"
        elif one.given is not None and not places(zh) <= one.given:
            yield one, f"nobody fills {sorted(places(zh) - one.given)}"


def test_every_message_is_complete_in_both_languages() -> None:
    assert [f"{one.where} {one.code}: {flaw}" for one, flaw in _wrong()] == []
    assert len(MESSAGES) > 20


def test_every_error_is_in_the_catalogue() -> None:
    known = {one.code for one in MESSAGES}
    ours = [kind for kind in error_classes() if not issubclass(kind, Signal) and kind is not Told]
    assert [kind.__qualname__ for kind in ours if not issubclass(kind, Told)] == []
    told = [kind.__qualname__ for kind in ours if kind.__name__ not in known and not kind.__subclasses__()]
    assert told == ["BadValue"], "its sentences stand under the reasons of rejections"


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({}, "zh"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US"}, "en"),
        ({"LANG": "en_US", "XINJI_LANG": "zh"}, "zh"),
        ({"LANG": "zh_CN", "XINJI_LANG": "en"}, "en"),
    ],
)
def test_the_language_of_an_environment(environment: dict[str, str], lang: str) -> None:
    assert language_of(environment) == lang


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["--lang", "zh", "status"], "没有运行"),
        (["status", "--lang", "zh"], "没有运行"),
        (["--lang", "en", "status"], "no running stack"),
        (["--lang", "zh", "generations", "list", "--lang", "en"], "no running stack"),
    ],
)
def test_lang_stands_before_or_after_a_subcommand(
    line: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINJI_DATA", str(tmp_path))
    answer = CliRunner().invoke(main, line)
    assert (answer.exit_code, said in answer.stderr) == (4, True), answer.stderr


def test_json_has_both_languages_whatever_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINJI_DATA", str(tmp_path))
    answers = [CliRunner().invoke(main, ["--lang", lang, "status", "--json"]).stdout for lang in ("zh", "en")]
    assert answers[0] == answers[1]
    assert "没有运行" in answers[0]
    assert "no running stack" in answers[0]


@pytest.mark.parametrize(
    ("line", "zh", "en"),
    [
        (["status", "--jsonn"], "没有选项 --jsonn，是否应为 --json？", "no such option --jsonn; did you mean --json?"),
        (["record"], "缺少 'SUBJECT'", "'SUBJECT' is missing"),
        (["rejected", "--limit", "x"], "'--limit' 的值有误", "the value of '--limit' is wrong"),
    ],
)
def test_what_click_refuses_is_told_in_both_languages(line: list[str], zh: str, en: str) -> None:
    for lang, said in (("zh", zh), ("en", en)):
        answer = CliRunner().invoke(main, ["--lang", lang, *line])
        assert (answer.exit_code, said in answer.stderr) == (2, True), answer.stderr


def test_an_error_comes_whole_out_of_another_process() -> None:
    error = NoStack(Path("/data"), "XINJI_BOOTSTRAP")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.said("zh"), again.data) == (str(error), error.said("zh"), error.data)


def test_sentences_within_sentences() -> None:
    inner = Sentence("{n} 行", "{n} rows").of(n=3)
    assert Sentence("共 {inner}", "in all {inner}").of(inner=inner) == Sentence("共 3 行", "in all 3 rows")
    assert inner.both == "3 行 / 3 rows"
