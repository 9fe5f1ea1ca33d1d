"""What the README shows of the demo is what the demo prints: compared in form, with numbers, ids and widths left aside."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.docs.pages import README, ROOT, text_of

_BLOCK = re.compile(r"<!-- demo output -->\n+```console\n(.*?)```\n+<!-- end demo output -->", re.DOTALL)
_LEFT_OUT = "…"


def form(line: str) -> str:
    """A line without what changes from run to run."""
    plain = re.sub(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{16}\b", "#", line)
    return re.sub(r"[\s─━]+", " ", re.sub(r"\d+", "9", plain)).strip()


def test_form_leaves_numbers_and_widths_aside() -> None:
    assert form("│ act_log  │ 697 │ deca25ff672e1cf0 │ 0 │") == form("│ act_log │ 12   │ 00aa25ff672e1cf0 │ 3 │")


@pytest.mark.long
@pytest.mark.stack
def test_the_readme_shows_what_the_demo_prints() -> None:
    (shown,) = _BLOCK.findall(text_of(README))
    demo = [sys.executable, "-m", "console.demo"]
    asked = {**os.environ, "XINJI_LANG": "zh"}
    done = subprocess.run(demo, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False, env=asked)
    assert done.returncode == 0, done.stderr
    printed = {form(line) for line in done.stdout.splitlines()}
    lines = [line for line in shown.splitlines() if line.strip() and line.strip() != _LEFT_OUT]
    assert [line for line in lines if form(line) not in printed] == []
