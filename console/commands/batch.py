"""``xinji batch``: what became of each row of a batch, or of a file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from connectors.files import Screen
from console.configuration import configured
from console.dates import ZONE, local
from console.environment import open_store, resolved
from console.fates import ADMITTED, DUPLICATE, REJECTED, UNANSWERED, Fate, counted, fates
from console.language import here
from console.output import (
    NOT_FOUND,
    OK,
    SOME_REJECTED,
    UNACKNOWLEDGED,
    explained,
    fail,
    json_option,
    out,
    print_json,
    say,
    table,
    told,
)
from projections.admission import holds_personal_number, personal_data_problem
from schemas.sentence import Sentence

_NAMES: Final = {
    ADMITTED: Sentence("收录", "admitted"),
    DUPLICATE: Sentence("重复", "duplicate"),
    REJECTED: Sentence("退回", "rejected"),
    UNANSWERED: Sentence("未答复", "unanswered"),
}
_UNKNOWN: Final = Sentence(
    "没有 {target} 的任何回执：请写批次标识（见 push --receipts），或推送时的文件名；尚未推送或未得到答复的也没有回执",
    "there is no receipt of {target}: give the id of a batch (push --receipts), or the file's name as it was pushed; what was not "
    "pushed or not answered yet has none",
)
_COUNTED: Final = Sentence(
    "收到 {received} 行：收录 {admitted}，重复 {duplicate}，退回 {rejected}（其中已更正 {closed}）；未答复 {unanswered}",
    "{received} rows received: {admitted} admitted, {duplicate} duplicates, {rejected} rejected ({closed} of them closed since); "
    "{unanswered} unanswered",
)
_MORE: Final = Sentence("另有 {n} 行未列出；请加 --limit 或 --json", "{n} more rows: --limit or --json")


@click.command(help="一个批次或文件的每一行结果如何 / what became of each row of a batch (its id) or of a file (its name)")
@click.argument("target", metavar="ID|FILE")
@click.option("--source", default="", help="信息提供单位 / only of this source")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="最多条数 / at most so many")
@json_option
@told
def command(target: str, source: str, limit: int, as_json_: bool) -> None:
    """A row of a file counts as it was answered last. Exit 3 when rows are rejected and nothing answers them, 5 when some have no
    answer, 6 when nothing is known of it."""
    store = open_store(resolved(configured()))
    name = Screen(personal_data_problem, holds_personal_number).text(Path(target).name)
    asked = {"batch": target}
    answers = store.answers(**asked, source=source)
    if not answers:
        asked = {"file": name}
        answers = store.answers(**asked, source=source)
    if not answers:
        fail(_UNKNOWN.of(target=target), NOT_FOUND, as_json_)
    found = fates(answers, store.missing(**asked, source=source))
    counts = counted(found)
    closed = sum(one.state == REJECTED and is_closed(one) for one in found)
    if as_json_:
        print_json({"target": target, "rows": counts | {"closed": closed}, "fates": [_plain(one) for one in found]})
    else:
        _show(found[:limit])
        if len(found) > limit:
            say(_MORE.of(n=len(found) - limit))
        say(_COUNTED.of(**counts, closed=closed))
    raise SystemExit(_code(counts, closed))


def is_closed(fate: Fate) -> bool:
    """Whether all rejections of a row were answered since."""
    return all(one.closed_by for one in fate.statements if one.outcome == REJECTED)


def _code(counts: dict[str, int], closed: int) -> int:
    if counts[UNANSWERED]:
        return UNACKNOWLEDGED
    return SOME_REJECTED if counts[REJECTED] > closed else OK


def _plain(one: Fate) -> dict[str, Any]:
    return {
        "source_id": one.source_id,
        "place": one.place,
        "state": one.state,
        "statements": [asdict(each) for each in one.statements],
    }


def _show(found: list[Fate]) -> None:
    rows = table(
        Sentence("位置", "place"),
        Sentence("结果", "state"),
        Sentence("事件或原因", "event or reason"),
        Sentence("行为，或说明", "act, or message"),
        Sentence("分区/位移", "partition/offset"),
        Sentence("时间（{zone}）", "recorded ({zone})").of(zone=ZONE),
        Sentence("更正事件", "closed by"),
    )
    for fate in found:
        if not fate.statements:
            rows.add_row(fate.place, here(_NAMES[fate.state]), "", "", "", "", "")
        for one in fate.statements:
            shown = here(_NAMES[one.outcome])
            if one.outcome == REJECTED:
                rows.add_row(fate.place, shown, one.reason, explained(one), "", local(one.received_at), one.closed_by)
                continue
            at = local(one.recorded_at) if one.recorded_at is not None else ""
            rows.add_row(fate.place, shown, one.event_id, one.act_id, f"{one.topic_partition}/{one.topic_offset}", at, "")
    out.print(rows)
