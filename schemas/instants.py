"""Instants as whole milliseconds since 1970, the exactness in which Kafka and ClickHouse keep them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from schemas.sentence import Sentence, Told

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class NaiveTime(Told, ValueError):
    """A datetime without a time zone; ``value`` is it."""

    says = Sentence(
        "{value} 没有时区；请给出带时区的时间（UTC）",
        "{value} has no time zone; give an aware datetime (UTC)",
    )

    def __init__(self, value: datetime) -> None:
        self.value = value
        super().__init__(value=value.isoformat())


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware datetime, rounded down; raises NaiveTime."""
    if moment.tzinfo is None:
        raise NaiveTime(moment)
    return (moment - _EPOCH) // _MILLISECOND


def moment(since_epoch: int) -> datetime:
    """The aware UTC datetime of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=since_epoch)
