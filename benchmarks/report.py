"""What was measured, as tables for people and as JSON for machines."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Sheet

RESULTS: Final = Path(__file__).parent / "results"


def show(sheet: Sheet, console: Console) -> None:
    """One sheet, its notes below."""
    table = Table(title=sheet.title)
    for at, (zh, en) in enumerate(sheet.columns):
        table.add_column(f"{zh}\n{en}", justify="right" if at else "left")
    for row in sheet.rows:
        table.add_row(*(_cell(cell) for cell in row))
    console.print(table)
    for note in sheet.notes:
        console.print(note, style="dim", markup=False, highlight=False, soft_wrap=True)


def _cell(cell: Any) -> str:
    if isinstance(cell, bool):
        return "是 / yes" if cell else "否 / NO"
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.1f}"
    return str(cell)


def write(sheets: Sequence[Sheet], options: dict[str, Any]) -> Path:
    """Writes every sheet, each row by its columns' English names; returns the file."""
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    told = {
        "measured_at": now.isoformat(timespec="seconds"),
        "options": options,
        "machine": {"cores": os.cpu_count(), "platform": platform.platform(), "python": platform.python_version()},
        "sheets": [
            {
                "title": sheet.title,
                "rows": [dict(zip((en for _, en in sheet.columns), row, strict=True)) for row in sheet.rows],
                "notes": sheet.notes,
            }
            for sheet in sheets
        ],
    }
    path = RESULTS / f"{now:%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(told, ensure_ascii=False, indent=2, default=str) + "\n", encoding="utf-8")
    return path
