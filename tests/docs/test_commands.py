"""Every command line that the docs show is one that the command takes; what the README promises of make is there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from console.main import main
from tests.docs.pages import PAGES, README, ROOT, blocks, command_lines, inline, text_of

LINES = [(page, words) for page in PAGES for words in sorted(command_lines(page))]


@pytest.mark.parametrize(("page", "words"), LINES, ids=[" ".join(words)[:60] for _, words in LINES])
def test_command_lines_parse(page: Path, words: list[str]) -> None:
    command: click.Command = main
    context = click.Context(main, info_name=words[0])
    given = words[1:]
    while isinstance(command, click.Group) and given and not given[0].startswith("-"):
        below = command.get_command(context, given[0])
        assert below is not None, f"{page.name}: {' '.join(words)}: no command {given[0]}"
        command, context, given = below, click.Context(below, parent=context, info_name=given[0]), given[1:]
    options, _, _ = command.make_parser(context).parse_args(list(given))
    for parameter in command.params:
        if isinstance(parameter, click.Option) and isinstance(parameter.type, click.Choice) and parameter.name in options:
            assert options[parameter.name] in parameter.type.choices, f"{page.name}: {' '.join(words)}"


def test_the_docs_show_command_lines() -> None:
    assert {words[1] for _, words in LINES if len(words) > 1} >= set(main.list_commands(click.Context(main)))


def test_commands_take_their_settings_from_the_command_line() -> None:
    """``Settings()`` knows the environment alone: options and config file would be left aside without a word."""
    files = sorted((ROOT / "console").rglob("*.py"))
    assert [one.name for one in files if "Settings()" in text_of(one)] == []


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    lines = {line for one in blocks(README, "sh") for line in one.text.splitlines()}
    shown = {word for page in PAGES for word in inline(page)} | lines
    named = {found[1] for one in shown if (found := re.match(r"make ([a-z-]+)", one))}
    assert named >= {"demo", "test", "check", "test-kafka", "bench"}
    assert named <= targets


def test_folders_and_files_that_the_docs_name_exist() -> None:
    named = {
        one
        for page in PAGES
        for one in inline(page)
        if re.match(r"(?:schemas|projections|connectors|streams|console|tests)/[\w./-]*\Z", one)
    }
    assert {one for one in named if not (ROOT / one).exists()} == set()
