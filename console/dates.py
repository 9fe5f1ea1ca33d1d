"""Days and moments as people write them, and instants as people read them: in Shanghai's time."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time
from typing import Any, Final

import click

from connectors.files.values import DATE_FORMATS
from projections.dates import SHANGHAI, end_of_day
from schemas.sentence import Sentence

ZONE: Final = Sentence("上海时间", "Shanghai time, UTC+8")
"""What is said once where times are shown."""
_CLOCK: Final = re.compile(r"(.*?)[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?\Z")
_NO_DAY: Final = Sentence(
    "{text} 不是日期；请写 2018-06-30、2018/6/30、20180630 或 2018年6月30日",
    "{text} is no date: write 2018-06-30, 2018/6/30, 20180630 or 2018年6月30日",
)
_NO_MOMENT: Final = Sentence(
    "{text} 不是时刻；请写 2024-01-31（上海时间当日结束）、2024-01-31 12:00（上海时间）或 2024-01-31T12:00:00+08:00",
    "{text} is no moment: write 2024-01-31 (its end in Shanghai), 2024-01-31 12:00 (in Shanghai) or 2024-01-31T12:00:00+08:00",
)


class _Day(click.ParamType):
    """A civil date in Shanghai."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        return day_of(value) or self.fail(_NO_DAY.of(text=value).both, param, ctx)


class _Moment(click.ParamType):
    """An instant in UTC: a date is its end in Shanghai, a time without a zone is Shanghai's."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        return moment_of(value) or self.fail(_NO_MOMENT.of(text=value).both, param, ctx)


DAY: Final = _Day()
MOMENT: Final = _Moment()


def day_of(text: str) -> date | None:
    """The day that a text names: 2022-6-30, 2022/6/30, 2022.6.30, 20220630, 2022年6月30日; None where it names none."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    for pattern in DATE_FORMATS.values():
        if found := pattern.fullmatch(plain):
            try:
                return date(*map(int, found.groups()))
            except ValueError:
                return None
    return None


def moment_of(text: str) -> datetime | None:
    """The instant (UTC) that a text names, None where it names none."""
    if (day := day_of(text)) is not None:
        return end_of_day(day)
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        if (found := _CLOCK.match(plain)) is None or (day := day_of(found[1])) is None:
            return None
        try:
            moment = datetime.combine(day, time(int(found[2]), int(found[3]), int(found[4] or 0)), SHANGHAI)
        except ValueError:
            return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)).astimezone(UTC)


def local(moment: datetime) -> str:
    """An instant as people read it: Shanghai's time to the second. The zone is said in the head (``ZONE``)."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
