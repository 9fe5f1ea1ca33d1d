"""Logs are read from their ends, and followed; shells get their completion."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from console import logs
from console.logs import follow, last_lines
from console.main import main


def test_the_last_lines_however_long_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "one.log"
    assert last_lines(path, 3) == []
    lines = [f"{n} " + "长" * (n % 7) for n in range(100)]
    path.write_text("\n".join(lines) + "\nhalf a li", encoding="utf-8")
    for block in (1, 7, 64, 100_000):
        monkeypatch.setattr(logs, "_BLOCK", block)
        for count in (0, 1, 5, 99, 100, 1000):
            assert last_lines(path, count) == (lines[-count:] if count else []), (block, count)


def test_what_is_added_is_followed(tmp_path: Path) -> None:
    one, two = tmp_path / "one.log", tmp_path / "two.log"
    one.write_text("a\nb\nc", encoding="utf-8")
    steps = iter(
        [
            lambda: one.write_text("a\nb\ncontinued\n", encoding="utf-8"),
            lambda: two.write_text("first\n", encoding="utf-8"),
            lambda: one.write_text("anew\n", encoding="utf-8"),
        ]
    )
    lines = follow({"one": one, "two": two}, 1, lambda: next(steps)())
    assert [next(lines) for _ in range(4)] == [("one", "b"), ("one", "continued"), ("two", "first"), ("one", "anew")]


def test_logs_of_a_data_directory(tmp_path: Path) -> None:
    def ran(*arguments: str, code: int = 0) -> str:
        found = CliRunner().invoke(main, ["logs", "--data", str(tmp_path), *arguments], catch_exceptions=False)
        assert found.exit_code == code, found.output
        return found.stdout

    assert "no logs" in json.loads(ran("--json", code=6))["message"]
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "gate.log").write_text("1\n2\n3\n", encoding="utf-8")
    assert ran("gate", "-n", "2") == "2\n3\n"
    assert ran("-n", "1") == "gate      │ 3\n"
    assert json.loads(ran("gate", "-n", "1", "--json")) == {"part": "gate", "line": "3"}
    ran("nothing", code=2)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_asks_the_command(shell: str) -> None:
    found = CliRunner().invoke(main, ["completion", shell], catch_exceptions=False)
    assert f"_XINJI_COMPLETE={shell}_complete" in found.stdout


def test_what_is_completed() -> None:
    complete = ShellComplete(main, {}, "xinji", "_XINJI_COMPLETE")
    assert {"push", "settings"} <= {one.value for one in complete.get_completions([], "")}
    assert {one.value for one in complete.get_completions(["status"], "--gate-h")} == {"--gate-host"}
    assert {one.value for one in complete.get_completions(["logs"], "g")} == {"gate"}
