"""Made-up codes, rows and files for these tests. No code here belongs to anyone but by chance."""

from __future__ import annotations

import csv
import io
import itertools
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2, mod_11_10

from connectors.files import Context, Mapped, MappedRow, Refused, Row, context_for, load_profile, map_row
from connectors.files.profile import Profile
from tests.screen import SCREEN

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def organisation_code(body: str = "12345678") -> str:
    total = sum(weight * int(char, 36) for weight, char in zip(_WEIGHTS, body, strict=True))
    return body + "0123456789X0"[11 - total % 11]


def organisation(body: str = "12345678", prefix: str = "91", region: str = "370900") -> str:
    start = f"{prefix}{region}{organisation_code(body)}"
    return start + uscc.calc_check_digit(start)


def registration(body: str = "37090020001234") -> str:
    return body + mod_11_10.calc_check_digit(body)


def identity(serial: int = 1, birth: str = "19800101") -> str:
    body = f"370902{birth}{serial:03d}"
    return body + mod_11_2.calc_check_digit(body)


FIRM = organisation()
AUTHORITY = organisation("00431234", "11")


class FakeVault:
    """Stands in for the vault: remembers what it was asked, gives running pseudonyms."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self._known: dict[tuple[str, str], str] = {}
        self._count = itertools.count(1)

    def together(self) -> AbstractContextManager[None]:
        return nullcontext()

    def pseudonym(self, document_type: str, number: str, name: str, purpose: str, now: datetime) -> str:
        self.asked.append((document_type, number, name))
        key = document_type, number
        if key not in self._known:
            self._known[key] = f"person:TESTTESTTEST{next(self._count):04d}"
        return self._known[key]


def context(profile: Profile | str, settings: dict[str, str] | None = None, **more: Any) -> Context:
    loaded = load_profile(profile) if isinstance(profile, str) else profile
    return context_for(loaded, screen=SCREEN, source_id="local", source_name="本机", now=NOW, settings=settings, **more)


def mapped(profile: Profile | str, cells: dict[str, Any], settings: dict[str, str] | None = None, **more: Any) -> MappedRow:
    loaded = load_profile(profile) if isinstance(profile, str) else profile
    return map_row(loaded, Row(2, cells), context(loaded, settings, **more))


def event(profile: Profile | str, cells: dict[str, Any], settings: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    found = mapped(profile, cells, settings, **more)
    assert isinstance(found, Mapped), found
    return found.events[0][1]


def refused(profile: Profile | str, cells: dict[str, Any], settings: dict[str, str] | None = None, **more: Any) -> Refused:
    found = mapped(profile, cells, settings, **more)
    assert isinstance(found, Refused), found
    return found


def write_csv(path: Path, rows: list[list[str]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


LICENCE = {
    "行政相对人名称": "东岳体育器材有限公司",
    "行政相对人类别": "法人及非法人组织",
    "行政相对人代码_1（统一社会信用代码）": FIRM,
    "行政许可决定文书名称": "准予许可决定书",
    "行政许可决定文书号": "泰体许字〔2021〕3号",
    "许可类别": "普通",
    "许可内容": "经营高危险性体育项目",
    "许可决定日期": "2021/03/05",
    "有效期自": "2021/03/05",
    "有效期至": "2099/12/31",
    "许可机关": "泰安市体育局",
    "许可机关统一社会信用代码": AUTHORITY,
    "当前状态": "1",
    "数据来源单位": "泰安市体育局",
    "数据来源单位统一社会信用代码": AUTHORITY,
}
PENALTY = {
    "行政相对人名称": "东岳体育器材有限公司",
    "行政相对人类别": "法人及非法人组织",
    "行政相对人代码_1(统一社会信用代码)": FIRM,
    "行政处罚决定书文号": "泰体罚字〔2021〕7号",
    "违法行为类型": "未经许可经营",
    "违法事实": "未取得许可经营游泳馆",
    "处罚依据": "《全民健身条例》第三十六条",
    "处罚类别": "罚款;没收违法所得",
    "处罚内容": "罚款1.5万元，没收违法所得200元",
    "罚款金额（万元）": "1.500000",
    "没收违法所得、没收非法财物的金额（万元）": "0.02",
    "处罚决定日期": "2021年4月6日",
    "处罚有效期": "2099-12-31",
    "公示截止期": "2022-04-06",
    "处罚机关": "泰安市体育局",
    "处罚机关统一社会信用代码": AUTHORITY,
    "备注": "—",
}
