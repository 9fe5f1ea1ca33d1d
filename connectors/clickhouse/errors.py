"""What can go wrong with ClickHouse, told apart by whether trying again helps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from clickhouse_connect.driver import exceptions as driver

from schemas.sentence import Sentence, Told

# Codes of src/Common/ErrorCodes.cpp that pass by themselves: timeouts, networks, load, memory, room, replicas without keeper.
_PASSING_CODES: Final = frozenset({159, 160, 202, 203, 209, 210, 225, 236, 241, 242, 243, 252, 279, 319, 439, 519, 999})
_FULL: Final = 243
_FULL_TEXT: Final = "No space left on device"
_DETAIL_LENGTH: Final = 600

_ROOM: Final = Sentence("请腾出其磁盘空间", "free some space on its disk")
_LATER: Final = Sentence("请稍后重试", "try again later")


class ClickHouseProblem(Told, RuntimeError):
    """Any failure of ClickHouse. ``transient``: the same call may succeed later."""

    transient = False


class ClickHouseAway(ClickHouseProblem):
    """ClickHouse cannot be reached, or cannot serve now. ``url`` says where it was sought, ``detail`` what happened."""

    says = Sentence(
        "{url} 的 ClickHouse 没有应答（{detail}）；请启动它，或把 XINJI_CLICKHOUSE 指向运行中的 ClickHouse",
        "ClickHouse at {url} does not answer ({detail}); start it, or point XINJI_CLICKHOUSE at the running one",
    )

    transient = True

    def __init__(self, url: str, detail: str) -> None:
        self.url, self.detail = url, detail
        super().__init__(url=url, detail=detail)


class ClickHouseBusy(ClickHouseProblem):
    """ClickHouse answers but cannot do it now (load, memory, time, room). ``code`` is its error code."""

    says = Sentence(
        "{url} 的 ClickHouse 暂时无法处理（代码 {code}：{detail}）；{advice}",
        "ClickHouse at {url} cannot do this now (code {code}: {detail}); {advice}",
    )

    transient = True

    def __init__(self, url: str, code: int, detail: str) -> None:
        self.url, self.code, self.detail = url, code, detail
        super().__init__(url=url, code=code, detail=detail, advice=_ROOM if code == _FULL else _LATER)


class ClickHouseRefused(ClickHouseProblem):
    """ClickHouse refuses for good: a missing table, a wrong password, wrong data. ``code`` is its error code or None."""

    says = Sentence(
        "{url} 的 ClickHouse 拒绝执行（代码 {code}：{detail}）；{advice}",
        "ClickHouse at {url} refuses (code {code}: {detail}); {advice}",
    )

    def __init__(self, url: str, code: int | None, detail: str) -> None:
        self.url, self.code, self.detail = url, code, detail
        super().__init__(url=url, code=code, detail=detail, advice=_advice(code))


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turns the driver's errors into ours; ``url`` is shown to the reader and must hold no password."""
    try:
        yield
    except driver.Error as problem:
        raise _ours(url, problem) from problem


def _ours(url: str, problem: driver.Error) -> ClickHouseProblem:
    detail = " ".join(str(problem).split())[:_DETAIL_LENGTH]
    if _FULL_TEXT in detail:
        return ClickHouseBusy(url, _FULL, detail)
    if problem.code in _PASSING_CODES:
        return ClickHouseBusy(url, problem.code, detail)
    if problem.code is None and isinstance(problem, driver.OperationalError):
        return ClickHouseAway(url, detail)
    return ClickHouseRefused(url, problem.code, detail)


def _advice(code: int | None) -> Sentence:
    if code in {60, 81}:  # UNKNOWN_TABLE, UNKNOWN_DATABASE
        return Sentence("请用 `xinji migrate` 建表", "create the tables with `xinji migrate`")
    if code in {192, 193, 194, 516}:  # users and passwords
        return Sentence("请检查 XINJI_CLICKHOUSE 中的用户和口令", "check the user and password in XINJI_CLICKHOUSE")
    return Sentence(
        "这是程序或服务器设置的错误，请保留此信息并告知维护人员",
        "this is an error of the program or of the server's set-up; keep this message for the maintainers",
    )
