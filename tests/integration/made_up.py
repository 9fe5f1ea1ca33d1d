"""Made-up files, fast: valid codes, about ten acts a subject, and nobody real."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

ACTS_A_SUBJECT = 10
AUTHORITY = "示例市市场监督管理局"
COLUMNS = (
    "行政相对人名称",
    "行政相对人类别",
    "行政相对人代码_1(统一社会信用代码)",
    "行政处罚决定书文号",
    "违法行为类型",
    "违法事实",
    "处罚依据",
    "处罚类别",
    "处罚内容",
    "罚款金额（万元）",
    "处罚决定日期",
    "处罚机关",
    "公示日期",
    "备注",
)
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def organisation(number: int) -> str:
    """The valid USCC of a firm that does not exist."""
    body = f"MA{number:06d}"
    total = sum(weight * int(char, 36) for weight, char in zip(_WEIGHTS, body, strict=True))
    start = f"91370900{body}{'0123456789X0'[11 - total % 11]}"
    return start + uscc.calc_check_digit(start)


def identity(serial: int) -> str:
    """A valid identity number with a birth date in 1980."""
    body = f"37090219800101{serial:03d}"
    return body + mod_11_2.calc_check_digit(body)


def penalty(subject: int, number: int, **changed: str) -> dict[str, str]:
    """One row of the penalties' form; ``number`` tells the acts of a subject apart."""
    month, day = 1 + number % 12, 1 + number % 28
    row = dict(
        zip(
            COLUMNS,
            (
                f"示例{subject}号有限公司",
                "法人及非法人组织",
                organisation(subject),
                f"示例罚〔2021〕{subject}-{number}号",
                "未按规定公示",
                "未按规定公示年度报告",
                "《示例条例》第三条",
                "罚款" if number % 3 else "警告",
                "处以罚款" if number % 3 else "警告",
                f"{number % 7 + 1}.5" if number % 3 else "",
                f"2021-{month:02d}-{day:02d}",
                AUTHORITY,
                f"2021-{month:02d}-{day:02d}" if number % 4 == 0 else "",
                "",
            ),
            strict=True,
        )
    )
    return row | changed


def penalties(count: int, first_subject: int) -> Iterator[dict[str, str]]:
    for number in range(count):
        yield penalty(first_subject + number // ACTS_A_SUBJECT, number % ACTS_A_SUBJECT)


def write_csv(path: Path, rows: Iterator[dict[str, str]] | Sequence[dict[str, str]]) -> Path:
    """A file whose columns are those of its first row."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer: csv.DictWriter[str] | None = None
        for row in rows:
            if writer is None:
                writer = csv.DictWriter(file, list(row))
                writer.writeheader()
            writer.writerow(row)
    return path


def write_lines(path: Path, events: Sequence[dict[str, Any]]) -> Path:
    """A JSON Lines file for the profile ``events``."""
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in events), encoding="utf-8")
    return path


def follow_up(event: str, subject: int, number: int, occurred_on: str, **fields: Any) -> dict[str, Any]:
    """An event about the act of ``penalty(subject, number)``."""
    return {
        "event": event,
        "header": {
            "act_id": f"penalty/name:{AUTHORITY}/示例罚〔2021〕{subject}-{number}号",
            "subject_id": organisation(subject),
            "subject_name": f"示例{subject}号有限公司",
            "authority_id": f"name:{AUTHORITY}",
            "authority_name": AUTHORITY,
            "occurred_on": occurred_on,
        },
        **fields,
    }


def listing(subject: int, **changed: str) -> dict[str, str]:
    row = {
        "企业名称": f"示例{subject}号有限公司",
        "统一社会信用代码": organisation(subject),
        "名单标识": "ecommerce-serious",
        "期限(月)": "36",
        "列入事由": "示例",
        "列入日期": "2021-05-06",
        "认定机关": AUTHORITY,
        "列入决定书文号": f"示例列〔2021〕{subject}号",
    }
    return row | changed


def registration(subject: int, **changed: str) -> dict[str, str]:
    row = {
        "企业名称": f"示例{subject}号有限公司",
        "统一社会信用代码": organisation(subject),
        "成立日期": "2015-02-03",
        "登记机关": AUTHORITY,
        "管辖单位": "示例所",
    }
    return row | changed
