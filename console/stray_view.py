"""Strays of the log as people and programs see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from console.output import out, say
from schemas.records import StrayRecord
from schemas.sentence import Sentence
from streams.topics import ACTS

SHOWN: Final = 20
"""So many places are listed where they are an alarm; `xinji strays` lists all."""
ALARM: Final = Sentence(
    "外来记录：日志中有 {n} 条记录不是闸口所写，已隔离；请查明是谁写入，之后用 `xinji strays --acknowledge` 解除警报",
    "strays: {n} records of the log were not written by the gate and are set aside; find out who writes there, then end the alarm "
    "with `xinji strays --acknowledge`",
)
_PASSED: Final = Sentence(
    "{place} 不是闸口所写，未计入（`xinji strays`）", "{place} was not written by the gate and is passed over (`xinji strays`)"
)


def place(one: StrayRecord) -> str:
    """``topic/partition/offset``."""
    return place_of((one.topic_partition, one.topic_offset))


def place_of(where: tuple[int, int]) -> str:
    """``topic/partition/offset`` of (partition, offset)."""
    return f"{ACTS}/{where[0]}/{where[1]}"


def plain(one: StrayRecord) -> dict[str, Any]:
    """A stray without its bytes."""
    return {
        "place": place(one),
        "found_at": one.found_at,
        "detail": one.detail,
        "value_sha256": one.value_sha256,
        "size": one.size,
        "acknowledged": one.acknowledged,
    }


def tell_strays(found: Mapping[str, Any]) -> None:
    """The alarm, where there is one."""
    if not found["new"]:
        return
    say(ALARM.of(n=found["new"]))
    for one in found["places"]:
        out.print(f"  {one['place']}  {one['detail']}", markup=False)


def tell_passed(places: Sequence[str]) -> None:
    """What a replay did not count."""
    for one in places:
        say(_PASSED.of(place=one))
