"""``xinji status``: lag in records and seconds, counts, health."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from confluent_kafka import KafkaException

from connectors.clickhouse.errors import ClickHouseProblem
from connectors.kafka import EndOffsetUnknown, end_offsets
from connectors.settings import Settings
from console.configuration import configured
from console.embedded.health import PartState, read_health, troubles
from console.environment import open_store, resolved, running_stack
from console.output import DIFFERENT, OK, facts, json_option, out, print_json, say, told
from console.stray_view import SHOWN, plain, tell_strays
from projections.dates import SHANGHAI
from schemas.ports import Store
from schemas.records import VerificationRow
from schemas.sentence import Sentence, literal
from streams.generations import demand_live
from streams.lag import lag
from streams.policies import load_made
from streams.sources import SourcesError, load_sources
from streams.space import MEGABYTE
from streams.topics import ACTS, ACTS_PARTITIONS
from streams.waiting import waiting_submissions

_HEALTHY = Sentence("健康", "healthy")
_NOT_HEALTHY = Sentence("不健康", "NOT healthy")
_HOLES = Sentence("日志缺失 {n} 处；请运行 `xinji doctor`", "{n} holes in the log: run `xinji doctor`")


@click.command(help="延迟、计数、健康 / lag in records and seconds, counts, health; exit 1 when something is not healthy")
@json_option
@told
def command(as_json_: bool) -> None:
    """Healthy: everything on the log is projected or on its way for less than a minute, and no rebuild is due.

    Submission messages that wait for the gate are counted as it last committed; it commits about twice a second.
    """
    given = configured()
    settings, now = resolved(given), datetime.now(UTC)
    parts = _parts(given)
    wrong = troubles(parts, now)
    try:
        found = _status(settings, open_store(settings), now)
    except (ClickHouseProblem, EndOffsetUnknown, KafkaException, SourcesError) as problem:
        if not wrong:
            raise
        found = {"healthy": False, "error": str(problem)}
    found |= {"parts": [asdict(one) for one in parts], "troubles": [one.en for one in wrong]}
    found["healthy"] = found["healthy"] and not wrong
    if as_json_:
        print_json(found)
    else:
        _show(found, wrong)
    sys.exit(OK if found["healthy"] else DIFFERENT)


def _parts(given: Settings) -> list[PartState]:
    """How the parts of the embedded stack are, where that is what is asked for."""
    stack = running_stack(given.data) if not (given.bootstrap and given.clickhouse) else None
    return read_health(given.data, stack.pid) if stack is not None else []


def _status(settings: Settings, store: Store, now: datetime) -> dict[str, Any]:
    ends = end_offsets(settings.bootstrap, ACTS, range(ACTS_PARTITIONS), seconds=10)
    current, made = demand_live(store), load_made(settings.policy)
    reached = {"landed": store.progress("landed"), "projected": store.progress("projected", current.number)}
    stages = {stage: lag(settings.bootstrap, done, ends, now)._asdict() for stage, done in reached.items()}
    waiting = waiting_submissions(settings.bootstrap, list(load_sources(settings.sources)))
    strays = store.strays()
    new = [one for one in strays if not one.acknowledged]
    return {
        "submissions_waiting": waiting,
        "log_records": sum(ends.values()),
        **stages,
        "counts": store.counts(),
        "strays": {"all": len(strays), "new": len(new), "places": [plain(one) for one in new[:SHOWN]]},
        "holes": (holes := len(store.holes())),
        "free_space": (free := store.free_space()),
        "last_verification": _verified(store.last_verification()),
        "disk_nearly_full": (short := free < settings.free_space * MEGABYTE),
        "generation": current.number,
        "digest": current.digest,
        "own_policy": (dict(current.texts), current.calendar) == (dict(made.texts), made.policy.calendar.text),
        "own_code": current.code_digest == made.code,
        "rebuild_due": current.digest != made.digest,
        "healthy": stages["projected"]["seconds"] < 60 and current.digest == made.digest and not short and not new and not holes,
    }


def _verified(last: VerificationRow | None) -> dict[str, Any] | None:
    return None if last is None else last._asdict()


def _when_verified(last: dict[str, Any] | None) -> Sentence:
    if last is None:
        return Sentence("从未全量核对；请运行 `xinji verify`", "never as a whole; run `xinji verify`")
    how = (
        Sentence("一致", "equal") if not last["differing"] else Sentence("{n} 处不一致", "{n} differences").of(n=last["differing"])
    )
    at = last["ended_at"].astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return Sentence("{at}（上海）{how}", "{at} (Shanghai), {how}").of(at=at, how=how)


def _show(found: dict[str, Any], wrong: Sequence[Sentence]) -> None:
    if "error" in found:
        out.print(found["error"], markup=False)
    else:
        _show_flow(found)
    for one in wrong:
        say(one)
    say(_HEALTHY if found["healthy"] else _NOT_HEALTHY)


def _show_flow(found: dict[str, Any]) -> None:
    behind = Sentence("落后 {records} 条、{seconds} 秒", "{records} records, {seconds} s behind")
    facts(
        [
            (
                Sentence("等待接收", "waiting"),
                Sentence("{n} 个提交消息", "{n} submission messages").of(n=found["submissions_waiting"]),
            ),
            (Sentence("日志", "log"), Sentence("{n} 条", "{n} records").of(n=found["log_records"])),
            (Sentence("落库", "landed"), behind.of(**found["landed"])),
            (Sentence("投影", "projected"), behind.of(**found["projected"])),
            *((literal(name, name), count) for name, count in found["counts"].items()),
            (Sentence("磁盘可用", "free space"), f"{found['free_space'] / 1e9:.1f} GB"),
            (Sentence("代次", "generation"), f"{found['generation']}  ({found['digest'][:12]})"),
            (Sentence("上次核对", "last verified"), _when_verified(found["last_verification"])),
        ]
    )
    tell_strays(found["strays"])
    if found["holes"]:
        say(_HOLES.of(n=found["holes"]))
    if found["disk_nearly_full"]:
        say(
            Sentence(
                "磁盘将满，已暂停接收；腾出空间后自动继续",
                "the disk is nearly full and admission waits: free some space, it goes on",
            )
        )
    if not found["own_code"]:
        say(
            Sentence(
                "在用投影由其他版本的程序生成：请运行 `xinji rebuild`",
                "the live projections are made by another version: run `xinji rebuild`",
            )
        )
    if not found["own_policy"]:
        say(
            Sentence(
                "在用投影按其他政策或日历计算：请运行 `xinji rebuild`",
                "the live projections are made by another policy or calendar: run `xinji rebuild`",
            )
        )
