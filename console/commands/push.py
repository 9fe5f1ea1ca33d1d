"""``xinji push``: files to events, with receipts."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from connectors.files import (
    LEFT_OUT,
    Context,
    Notes,
    Profile,
    Screen,
    Written,
    check_form,
    context_for,
    load_profile,
    submissions,
    unless_all_refused,
)
from connectors.settings import Settings
from connectors.vault import Vault
from console.configuration import configured
from console.environment import open_store, resolved
from console.language import here
from console.output import (
    OK,
    SOME_REJECTED,
    UNACKNOWLEDGED,
    USAGE,
    err,
    explained,
    fail,
    json_option,
    out,
    print_json,
    say,
    table,
    told,
)
from console.pushing import Item, Outcome, Pusher
from console.refused import tell_refused, unsettled, write_refused
from projections.admission import holds_personal_number, personal_data_problem
from schemas.records import ReceiptRow
from schemas.sentence import Sentence
from streams.sources import load_sources
from streams.topics import UNREGISTERED
from streams.topics import submissions as submissions_topic

LOCAL = "local"
_MOST_SHOWN = 100


@click.command(help="推送文件：逐行转成事件并等待回执 / push files: rows become events; waits for the receipts")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--profile", "profile_name", required=True, help="映射方案：名称或 TOML 路径 / mapping profile: a name or a path")
@click.option("--source", "source_id", default=LOCAL, show_default=True, help="信息提供单位 / the source that pushes")
@click.option("--set", "given", multiple=True, metavar="FIELD=VALUE", help="文件缺少的字段 / a field that the file lacks")
@click.option("--hidden", is_flag=True, help="隐藏的工作表和行也推送 / hidden sheets and rows, too")
@click.option("--history", is_flag=True, help="历史数据导入 / the acts are imported history")
@click.option(
    "--max-errors",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="文件开头这么多行因同一原因被拒即停止，0 不停 / stop when so many first rows of a file fail for one reason; 0: never",
)
@click.option(
    "--wait",
    "patience",
    type=click.FloatRange(1),
    default=120.0,
    show_default=True,
    help="多久没有任何回执就放弃（秒） / give up after so many seconds without any receipt",
)
@click.option(
    "--receipts",
    "receipts_file",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="把每条陈述的回执写入 JSON Lines 文件 / write every statement's receipt to this JSON Lines file",
)
@click.option(
    "--refused",
    "refused_form",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="把退回的行按原表格写入 .xlsx（JSON Lines 则 .jsonl），附原因 / write refused rows back in the same form, with reasons",
)
@json_option
@told
def command(
    files: tuple[Path, ...],
    profile_name: str,
    source_id: str,
    given: tuple[str, ...],
    hidden: bool,
    history: bool,
    max_errors: int,
    patience: float,
    receipts_file: Path | None,
    refused_form: Path | None,
    as_json_: bool,
) -> None:
    """Exit 0: every row is admitted or a duplicate; 3: some rows were rejected; 5: some got no receipt in time."""
    profile, notes = load_profile(profile_name), Notes(take_hidden=hidden)
    if refused_form is not None:
        check_form(refused_form, files)
    settings = resolved(configured())
    sources = load_sources(settings.sources)
    context = context_for(
        profile,
        source_id=source_id,
        source_name=sources[source_id].name if source_id in sources else source_id,
        now=datetime.now(UTC),
        screen=Screen(personal_data_problem, holds_personal_number),
        settings=_given(given, as_json_),
        imported=history,
        vault=_vault(settings),
    )
    registered = settings.sources is None or source_id in sources  # without the registry at hand, the gate tells
    topic = submissions_topic(source_id if registered else UNREGISTERED)
    with _receipts(receipts_file) as on_receipt, _progress(as_json_) as progress:
        store = open_store(settings)
        context = replace(context, unsettled=unsettled(store, source_id, files, context.screen))
        pusher = Pusher(settings.bootstrap, store, source_id, topic, settings.batch_rows, patience, on_receipt)
        task = progress.add_task(here(Sentence("推送（行）", "pushing, rows")), total=None, rows=0)
        outcome = pusher.push(
            _items(profile, files, context, notes, max_errors), lambda known: progress.update(task, rows=known.rows)
        )
    written = write_refused(refused_form, files, profile, hidden, outcome) if refused_form is not None else None
    _report(outcome, notes, as_json_, written)
    if not as_json_:
        tell_refused(refused_form, written, outcome)
    sys.exit(UNACKNOWLEDGED if outcome.unacknowledged else SOME_REJECTED if outcome.rejected else OK)


def _items(profile: Profile, files: tuple[Path, ...], context: Context, notes: Notes, max_errors: int) -> Iterator[Item]:
    for path in files:
        for one in unless_all_refused(submissions(path, profile, context, notes), max_errors):
            yield Item(str(path), one.row, one.sheet, one.item, one.key, one.about)


@contextmanager
def _receipts(path: Path | None) -> Iterator[Callable[[Item, ReceiptRow], None]]:
    """Where receipts go: one JSON object a line, as they come."""
    if path is None:
        yield lambda item, receipt: None
        return
    with path.open("w", encoding="utf-8") as file:

        def write(item: Item, receipt: ReceiptRow) -> None:
            told = {"file": item.file, "row": item.row, **asdict(receipt)}
            file.write(json.dumps(told, ensure_ascii=False, default=datetime.isoformat) + "\n")

        yield write


def _given(pairs: tuple[str, ...], as_json_: bool) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            form = Sentence("--set {pair}：请写成 --set 字段=值", "--set {pair}: write --set field=value")
            fail(form.of(pair=pair), USAGE, as_json_)
        found[name.strip()] = value
    return found


def _vault(settings: Settings) -> Vault | None:
    if settings.vault is None or settings.vault_key is None:
        return None
    return Vault.open(settings.vault, settings.vault_key, who="xinji push")


def _progress(quiet: bool) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}  {task.fields[rows]}"),
        TimeElapsedColumn(),
        console=err,
        disable=quiet or not err.is_terminal,
        transient=True,
    )


def _report(outcome: Outcome, notes: Notes, as_json_: bool, written: Written | None) -> None:
    if as_json_:
        shown = asdict(outcome)
        if notes.left_out:
            shown["left_out"] = [
                {"file": file, "sheet": sheet, "why": why, "rows": rows} for (file, sheet, why), rows in notes.left_out.items()
            ]
        del shown["events"]
        if written is not None:
            shown["refused_form"] = asdict(written)
        if not outcome.unacknowledged:
            del shown["unacknowledged"]
        print_json(shown)
        return
    if outcome.rejected:
        shown_rows = table(
            Sentence("文件", "file"),
            Sentence("行", "row"),
            Sentence("原因", "reason"),
            Sentence("字段", "field"),
            Sentence("说明", "message"),
        )
        for one in outcome.rejected[:_MOST_SHOWN]:
            shown_rows.add_row(one.file, str(one.row), one.reason, one.field, explained(one))
        out.print(shown_rows)
        if len(outcome.rejected) > _MOST_SHOWN:
            more = Sentence(
                "… 另有 {more} 行：用 --json，或 xinji rejected --limit {all}",
                "… {more} more: --json, or xinji rejected --limit {all}",
            )
            say(more.of(more=len(outcome.rejected) - _MOST_SHOWN, all=len(outcome.rejected)))
    summary = Sentence(
        "{rows} 行：收录 {admitted}，重复 {duplicates}，退回 {rejected}",
        "{rows} rows: {admitted} admitted, {duplicates} duplicates, {rejected} rejected",
    )
    say(summary.of(rows=outcome.rows, admitted=outcome.admitted, duplicates=outcome.duplicates, rejected=len(outcome.rejected)))
    for (file, sheet, why), rows in notes.left_out.items():
        left = Sentence("未推送：{place}：{rows} 行，{why}", "left out: {place}: {rows} rows: {why}")
        say(left.of(place=f"{file} {sheet}".rstrip(), rows=rows, why=LEFT_OUT[why]))
    if outcome.unacknowledged:
        unanswered = Sentence(
            "{rows} 行未得到回执：请先看 `xinji status`，再推送一次该文件（可放心重推）；新登记的单位在接收程序重启后生效",
            "{rows} rows without a receipt: see `xinji status`, then push the file again, which is safe; the gate knows a new "
            "source once it is started again",
        )
        say(unanswered.of(rows=outcome.unacknowledged))
