"""``xinji record``: one subject's record as it stood on a day, as it was known at a time, replayed from original bytes."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from typing import Final

import click

from console.configuration import configured
from console.dates import DAY, MOMENT, ZONE, local
from console.environment import open_store, resolved
from console.output import DIFFERENT, NOT_FOUND, OK, err, fail, json_option, out, print_json, say, told
from console.record_view import plain_record, show_record
from console.stray_view import place_of, tell_passed
from console.tables import wide_option
from projections.dates import shanghai_date
from schemas.identifiers import normalise
from schemas.sentence import Sentence
from streams.generations import demand_live, policy_of
from streams.replay import compare, full_history, history

UNSETTLED = timedelta(seconds=5)
"""A known_at closer to now than this is not settled: what is on its way may still be recorded before it."""

_UNKNOWN: Final = Sentence(
    "截至 {known_at}，日志中没有 {subject} 的任何记录；请核对代码，或把 --known-at 往后推",
    "the log says nothing of {subject} as known at {known_at}; check the code, or ask with a later --known-at",
)
_AS_OF: Final = Sentence("截至 {day}，按 {moment} 所知（{zone}）", "as of {day}, as known at {moment} ({zone})")
_EQUAL: Final = Sentence("与日志一致", "equal to the log")
_NOT_EQUAL: Final = Sentence("与日志不一致", "NOT equal to the log")
_UNSETTLED: Final = Sentence(
    "所知时刻尚未稳定，稍后再问答案可能不同", "this known_at is not settled yet: asked again later, the answer may differ"
)


@click.command(help="重放一个主体的信用记录 / replay one subject's record from the original bytes, not from projections")
@click.argument("subject")
@click.option("--as-of", type=DAY, help="在哪一天（上海），默认今天 / as it stood on this day (Shanghai) [today]: 2018-06-30")
@click.option("--known-at", type=MOMENT, help="按何时所知 / as it was known at: 2024-01-31 (its end) or 2024-01-31T12:00:00+08:00")
@click.option("--full", is_flag=True, help="从 Kafka 读取全部分区并核对 / read all partitions from Kafka and compare")
@wide_option
@json_option
@told
def command(subject: str, as_of: date | None, known_at: datetime | None, full: bool, wide: bool, as_json_: bool) -> None:
    """Identity, acts with their state, duties, listings, grade with reasons, evidence. Exit 1 when --full finds a difference."""
    now = datetime.now(UTC)
    day, moment = as_of or shanghai_date(now), known_at or now
    settings = resolved(configured())
    subject_id = subject if ":" in subject else normalise(subject)
    store = open_store(settings)
    policy = policy_of(demand_live(store))
    found = history(store, subject_id)
    differences = []
    strays: list[str] = []
    if full:
        index, found = found, full_history(settings.bootstrap, subject_id)
        differences = compare(index, found)
        strays = [*map(place_of, found.strays)]
    record = found.record(policy, moment)
    named_in = found.named_in(policy, moment)
    mentioning = found.mentioning(moment)
    if not mentioning:
        fail(
            _UNKNOWN.of(subject=subject_id, known_at=Sentence("{at}（{zone}）", "{at} ({zone})").of(at=local(moment), zone=ZONE)),
            NOT_FOUND,
            as_json_,
        )
    plain = plain_record(record, named_in, mentioning, found.evidence, day)
    settled = moment <= now - UNSETTLED
    if as_json_:
        print_json(
            {
                "as_of": day,
                "known_at": moment,
                "settled": settled,
                **plain,
                **({"differences": [f"{one.event_id}: {one.detail}" for one in differences], "strays": strays} if full else {}),
            }
        )
    else:
        say(_AS_OF.of(day=day, moment=local(moment), zone=ZONE))
        show_record(plain, out, wide=wide)
        if full:
            say(_NOT_EQUAL if differences else _EQUAL)
        tell_passed(strays)
        for one in differences:
            out.print(f"{one.event_id}: {one.detail}", markup=False)
    if known_at and not settled:
        say(_UNSETTLED, err)
    sys.exit(DIFFERENT if differences else OK)
