"""Writes the made-up sample of the demo: ``python -m console.demo.make_sample [folder]``. The same every time.

Nothing in it is real (console/demo/cast.py). It has rows that are wrong on purpose; their remark says how.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, Final

from openpyxl import Workbook

from console.demo import bad_rows, cast, other_acts
from console.demo.acts import LICENCE_COLUMNS, PENALTY_COLUMNS, REMARK, Row, licences, penalties, text

FOLDER: Final = Path(__file__).parent / "sample"
_DATES: Final = frozenset({"许可决定日期", "有效期自"})
"""Columns of the workbook that hold dates as Excel keeps them, on every other row; people type the rest."""


def make(folder: Path) -> None:
    """Writes all files of the sample into a folder that exists."""
    random = Random("信迹示例数据")
    subjects, by = cast.subjects(), cast.authorities()
    granted, imposed = licences(random, subjects, by), penalties(random, subjects, by)
    made = other_acts.commitments(random, subjects, by)
    listed = other_acts.listings(random, subjects, by, imposed)
    inspected = other_acts.inspections(random, subjects, by)
    (folder / "sources.toml").write_text(_sources(by), encoding="utf-8")
    _csv(folder / "registry.csv", REGISTRY_COLUMNS, _registry(subjects, by["approval"]))
    for key, rows in _by_source(granted + bad_rows.bad_licences(granted), by):
        _xlsx(folder / f"licences-{key}.xlsx", LICENCE_COLUMNS, rows)
    for key, rows in _by_source(imposed + bad_rows.bad_penalties(imposed, subjects), by):
        _csv(folder / f"penalties-{key}.csv", PENALTY_COLUMNS, rows)
    _csv(folder / "commitments.csv", other_acts.COMMITMENT_COLUMNS, made)
    _csv(folder / "listings.csv", other_acts.LISTING_COLUMNS, listed + bad_rows.bad_listings(listed))
    _jsonl(folder / "notices.jsonl", other_acts.notices(listed))
    _jsonl(folder / "inspections.jsonl", inspected)
    _jsonl(folder / "followups.jsonl", other_acts.follow_ups(imposed, made, listed, granted))


def _by_source(rows: Iterable[Row], by: dict[str, cast.Authority]) -> Iterator[tuple[str, list[Row]]]:
    """Every department's own rows, with its key: each pushes its own file."""
    listed = list(rows)
    for key, one in by.items():
        own = [row for row in listed if row["数据来源单位统一社会信用代码"] == one.code]
        if own:
            yield key, own


REGISTRY_COLUMNS: Final = (
    "企业名称",
    "统一社会信用代码",
    "注册号",
    "法定代表人",
    "法定代表人证件类型",
    "法定代表人证件号码",
    "成立日期",
    "登记机关",
    "登记机关统一社会信用代码",
    "管辖单位",
    "住所",
    "经营范围",
    "登记状态",
    "备注",
)


_MAY_PUSH: Final = {
    "market": ("licence", "penalty", "inspection", "listing_notice", "listing", "listing_removal"),
    "approval": ("registration", "licence", "commitment", "breach"),
    "court": ("listing_notice", "listing", "listing_removal"),
}
_USUAL: Final = ("licence", "penalty", "inspection", "listing_notice", "listing", "listing_removal")


def _sources(by: dict[str, cast.Authority]) -> str:
    """The sample's departments, each for itself, and ``local``, which pushes whole files for them all."""
    entries = [
        "# 虚构示例数据：信息提供单位登记表 / made up: the sample's registered sources\n",
        _source("local", "本机（示例）", ("*",), "*", on_behalf=True),
    ]
    entries += [_source(one.code, one.name, _MAY_PUSH.get(key, _USUAL), one.code) for key, one in by.items()]
    return "\n".join(entries)


def _source(source_id: str, name: str, kinds: Sequence[str], authority: str, *, on_behalf: bool = False) -> str:
    stated = [f'id = "{source_id}"', f'name = "{name}"', f"kinds = {json.dumps(kinds)}", f'authorities = ["{authority}"]']
    return "\n".join(["[[source]]", *stated, *(["on_behalf = true"] if on_behalf else [])]) + "\n"


def _registry(subjects: list[cast.Subject], office: cast.Authority) -> list[Row]:
    return [
        {
            "企业名称": one.name,
            "统一社会信用代码": one.code,
            "注册号": one.regno,
            "法定代表人": one.head.name,
            "法定代表人证件类型": "身份证",
            "法定代表人证件号码": one.head.number,
            "成立日期": text(one.registered_on),
            "登记机关": office.name,
            "登记机关统一社会信用代码": office.code,
            "管辖单位": f"{one.district}示例所",
            "住所": f"枣庄市{one.district}示例路{at}号",
            "经营范围": "一般项目（示例）",
            "登记状态": "注销" if at % 33 == 0 else "存续",
            "备注": REMARK,
        }
        for at, one in enumerate(subjects, 1)
    ]


def _csv(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """UTF-8 with the mark that Excel writes."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _jsonl(path: Path, events: Iterable[dict[str, Any]]) -> None:
    lines = [json.dumps(event, ensure_ascii=False) for event in events]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _xlsx(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """The template as departments keep it: a title above the header, some days as dates, others as text."""
    book = Workbook()
    sheet = book.active
    sheet.title = "行政许可（虚构示例）"
    sheet.append(["行政许可信息公示（2018版）——虚构示例数据，不涉及任何真实主体"])
    sheet.append(list(columns))
    for at, row in enumerate(rows):
        sheet.append([_cell(column, row.get(column, ""), at) for column in columns])
    book.save(path)


def _cell(column: str, value: str, at: int) -> str | datetime | None:
    if column in _DATES and at % 2:
        try:
            return datetime.strptime(value, "%Y/%m/%d")  # noqa: DTZ007  a cell of a workbook has no time zone
        except ValueError:
            return value
    return value or None


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
