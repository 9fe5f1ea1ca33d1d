"""``make demo``: the whole product on a made-up sample. Exit 0 only if live and replayed projections are equal.

Everything is done by the command ``xinji`` itself, as a user would; each command is shown before its output.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from console.language import here
from console.output import out, say
from schemas.sentence import Sentence, literal

SAMPLE: Final = Path(__file__).parent / "sample"
PROFILES: Final = (
    ("registry.csv", "registry"),
    ("licences-*.xlsx", "licence-2018"),
    ("penalties-*.csv", "penalty-2018"),
    ("commitments.csv", "commitment"),
    ("inspections.jsonl", "events"),
    ("notices.jsonl", "events"),
    ("listings.csv", "listing"),
    ("followups.jsonl", "events"),
)
SOURCES: Final = {
    "registry": "11370400XJ90000145",
    "commitments": "11370400XJ90000145",
    "market": "11370400XJ9000006A",
    "approval": "11370400XJ90000145",
    "emergency": "11370400XJ90000220",
    "transport": "11370400XJ9000030T",
    "environment": "11370400XJ9000049P",
    "labour": "11370400XJ9000057J",
    "tax": "11370400XJ9000065D",
}
"""Which source pushes a file, by the last word of its name; the files of several departments are pushed by ``local``."""

_GRADES: Final = (
    "SELECT grade, count() AS subjects, round(avg(score), 1) AS mean_score FROM current_grades GROUP BY grade ORDER BY grade"
)
_BLACKLIST: Final = "SELECT subject_id, subject_name, list, listed_from, listed_to FROM blacklist ORDER BY listed_from, subject_id"
_OVERDUE: Final = (
    "SELECT source_name, count() AS overdue, max(days_overdue) AS longest_days, min(due_on) AS oldest_due "
    "FROM overdue_disclosures GROUP BY source_name ORDER BY overdue DESC, source_name"
)
_RICHEST: Final = (
    "SELECT listed_subject_id AS subject_id FROM list_entries WHERE effect = 'serious' AND role = 'subject' "
    "ORDER BY length(evidence) DESC, listed_from, subject_id LIMIT 1"
)

_COUNTS: Final = Sentence(
    "  {rows} 行：收录 {admitted}，重复 {duplicates}，退回 {rejected}",
    "  {rows} rows: {admitted} admitted, {duplicates} duplicates, {rejected} rejected",
)


def main() -> int:
    """Runs the demo in a directory of its own, which it removes; returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="xinji-demo-") as folder:
        data = Path(folder) / "data"
        stack = subprocess.Popen(
            [*_XINJI, "up", "--data", str(data), "--sources", str(SAMPLE / "sources.toml")], stdout=subprocess.PIPE, text=True
        )
        try:
            _title(Sentence("嵌入式环境", "the embedded stack"), "xinji up")
            if not _ready(stack):
                return stack.wait()
            return _show(data)
        finally:
            stack.terminate()
            stack.wait(30)


def _show(data: Path) -> int:
    _push_all(data)
    _title(Sentence("严重失信名单", "the blacklist"), f'xinji sql "{_BLACKLIST}"')
    _run(data, "sql", _BLACKLIST)
    _title(Sentence("等级分布", "grades"), f'xinji sql "{_GRADES}"')
    _run(data, "sql", _GRADES)
    _title(Sentence("逾期未公示，按信息提供单位", "overdue disclosures by source"), f'xinji sql "{_OVERDUE}"')
    _run(data, "sql", _OVERDUE)
    subject = json.loads(_captured(data, "sql", _RICHEST, "--json"))[0]["subject_id"]
    for day in ("2021-06-30", "2026-10-31"):
        _title(Sentence("一个主体重放的信用记录", "one subject's replayed record"), f"xinji record {subject} --as-of {day}")
        _run(data, "record", subject, "--as-of", day)
    _title(Sentence("重放整个日志并核对", "replay the whole log and compare"), "xinji verify")
    code = _run(data, "verify")
    say(Sentence("演示结束", "the demo is over") if code == 0 else Sentence("演示失败", "the demo FAILED"))
    return code


def _push_all(data: Path) -> None:
    """Pushes every file of the sample and sums up what was admitted and rejected, and why."""
    totals = {"rows": 0, "admitted": 0, "duplicates": 0}
    rejected: list[dict[str, Any]] = []
    for pattern, profile in PROFILES:
        for path in sorted(SAMPLE.glob(pattern)):
            source = SOURCES.get(path.stem.split("-")[-1], "local")
            _title(Sentence("推送", "push"), f"xinji push {path.name} --profile {profile} --source {source}")
            answer = json.loads(_captured(data, "push", str(path), "--profile", profile, "--source", source, "--json"))
            if "error" in answer:
                raise SystemExit(here(literal(answer["message_zh"], answer["message"])))
            say(_COUNTS.of(**{name: answer[name] for name in totals}, rejected=len(answer["rejected"])))
            for name in totals:
                totals[name] += answer[name]
            rejected += answer["rejected"]
    _title(Sentence("收录与退回", "admitted and rejected"), "xinji rejected")
    for one in rejected:
        message = here(literal(one["message_zh"], one["message"]))
        out.print(f"  {Path(one['file']).name}:{one['row']}  {one['reason']}  {one['field']}  {message}", markup=False)
    say(_COUNTS.of(**totals, rejected=len(rejected)))


_XINJI: Final = (sys.executable, "-c", "from console.main import main; main()")


def _run(data: Path, *arguments: str) -> int:
    sys.stdout.flush()
    return subprocess.run([*_XINJI, *arguments], env=_environment(data), check=False).returncode


def _captured(data: Path, *arguments: str) -> str:
    return subprocess.run([*_XINJI, *arguments], env=_environment(data), check=False, stdout=subprocess.PIPE, text=True).stdout


def _environment(data: Path) -> dict[str, str]:
    return {**os.environ, "XINJI_DATA": str(data), "XINJI_SOURCES": str(SAMPLE / "sources.toml")}


def _ready(stack: subprocess.Popen[str]) -> bool:
    """Echoes what ``xinji up`` prints until it is ready; False when it ends before."""
    assert stack.stdout is not None
    for line in stack.stdout:
        out.print(f"  {line.rstrip()}", markup=False)
        if line.strip() == "ready":
            return True
    return False


def _title(title: Sentence, command: str) -> None:
    out.print(f"\n[bold]{here(title)}[/]")
    out.print(f"$ {command}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
