"""``xinji push``: files to events, with receipts."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from connectors.clickhouse.client import connect
from connectors.clickhouse.gate_store import GateStore
from connectors.files import Notes, Screen, Written, check_form, context_for, load_profile
from connectors.files.fitting import profile_for
from connectors.settings import Settings
from connectors.vault import Vault
from console.configuration import configured
from console.environment import NoStack, embedded_files, resolved
from console.inputs import FORMATS, Inputs, inputs
from console.known import look_up_in
from console.language import here
from console.output import USAGE, err, fail, json_option, say, table, told
from console.push_files import Files
from console.push_report import HEADS, Report, rejections_shown
from console.pushing import Pusher
from console.refused import tell_refused, unsettled, write_refused
from console.tally import Item, Tally
from console.trial import Trial, basis_of, passing_vault
from projections.admission import holds_personal_number, personal_data_problem
from schemas.records import ReceiptRow
from schemas.sentence import Sentence
from streams.sources import load_sources
from streams.topics import UNREGISTERED
from streams.topics import submissions as submissions_topic

LOCAL = "local"
_NO_RECEIPTS = Sentence("--dry-run 不产生回执：请去掉 --receipts", "--dry-run makes no receipts: leave out --receipts")
_FITS = Sentence("按表头使用映射方案 {profile}", "by its header, the mapping profile is {profile}")
_PUSHING = Sentence("推送（行）", "pushing, rows")
_READING = Sentence("读取 {file}（行）", "reading {file}, rows")


@click.command(help="推送文件：逐行转成事件并等待回执 / push files: rows become events; waits for the receipts")
@click.argument("files", nargs=-1, required=True)
@click.option(
    "--profile",
    "profile_name",
    help="映射方案：名称或 TOML 路径，默认按表头识别 / mapping profile: a name or a path; default: as the header says",
)
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
    "--refuse-superseded",
    is_flag=True,
    help="同一文件中被后一行取代的行算作拒绝 / rows that a later row of their file replaces are rejections",
)
@click.option(
    "--refused",
    "refused_form",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="把退回的行按原表格写入 .xlsx（JSON Lines 则 .jsonl），附原因 / write refused rows back in the same form, with reasons",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(FORMATS),
    default=None,
    help="标准输入（-）的格式，默认看内容 / what comes by the standard input (-); default: as it looks",
)
@click.option(
    "--dry-run", is_flag=True, help="试运行：同样的检查，不发送也不保存 / the same judgement, and nothing is sent or kept"
)
@json_option
@told
def command(
    files: tuple[str, ...],
    profile_name: str | None,
    source_id: str,
    given: tuple[str, ...],
    hidden: bool,
    history: bool,
    max_errors: int,
    patience: float,
    receipts_file: Path | None,
    refuse_superseded: bool,
    refused_form: Path | None,
    kind: str | None,
    dry_run: bool,
    as_json_: bool,
) -> None:
    """Exit 0: every row is admitted or a duplicate; 2: a file could not be read; 3: some rows were rejected; 5: some got no
    receipt in time; 130: interrupted."""
    if dry_run and receipts_file is not None:
        fail(_NO_RECEIPTS, USAGE, as_json_)
    notes, settings = Notes(take_hidden=hidden), _found(configured(), dry_run)
    sources, values = load_sources(settings.sources), _given(given, as_json_)
    registered = settings.sources is None or source_id in sources  # without the registry at hand, the gate tells
    topic = submissions_topic(source_id if registered else UNREGISTERED)
    with (
        inputs(files, kind or "", sys.stdin.buffer) as found,
        _receipts(receipts_file) as on_receipt,
        passing_vault(datetime.now(UTC)) if dry_run else nullcontext(_vault(settings)) as vault,
    ):
        profile = load_profile(profile_name or _fitting(found, as_json_))
        context = context_for(
            profile,
            source_id=source_id,
            source_name=sources[source_id].name if source_id in sources else source_id,
            now=datetime.now(UTC),
            screen=Screen(personal_data_problem, holds_personal_number),
            settings=values,
            imported=history,
            vault=vault,
        )
        paths = [one.path for one in found.files]
        if refused_form is not None:
            check_form(refused_form, paths)
        tally, compared = Tally(), True
        if dry_run:
            basis = basis_of(settings, patience)
            pushed = Files(found.files, profile, context, notes, tally, basis.look_up, max_errors, refuse_superseded)
            Trial(source_id, topic, sources, basis, datetime.now(UTC), tally).judge(pushed.items())
            interrupted, compared = False, basis.look_up is not None
        else:
            client = connect(settings.clickhouse, settings.database, cluster=settings.cluster)
            store = GateStore(client, settings.database)
            pusher = Pusher(settings.bootstrap, store, source_id, topic, settings.batch_rows, patience, on_receipt, tally)
            pushed = Files(found.files, profile, context, notes, tally, look_up_in(store, patience), max_errors, refuse_superseded)
            pushed.context = replace(context, unsettled=unsettled(store, source_id, paths, context.screen))
            interrupted = _push(pusher, pushed, as_json_)
        written = write_refused(refused_form, found.files, profile, hidden, tally.total()) if refused_form is not None else None
    if len(found.files) == 1 and pushed.errors and not interrupted:
        raise next(iter(pushed.errors.values()))
    report = Report(tally, notes, found, pushed.errors, interrupted, dry_run, compared)
    _tell(report, written, as_json_)
    if not as_json_:
        tell_refused(refused_form, written, tally.total())
    sys.exit(report.exit_code)


def _found(settings: Settings, dry_run: bool) -> Settings:
    """Settings with the parts that run; a trial needs none, and has the files of the data directory then."""
    try:
        return resolved(settings)
    except NoStack:
        if not dry_run:
            raise
    alone = embedded_files(settings)
    return alone.model_copy(
        update={"clickhouse": "", "sources": alone.sources if alone.sources and alone.sources.exists() else None}
    )


def _fitting(found: Inputs, quiet: bool) -> str:
    """The profile that the files' headers say, told where somebody reads it."""
    name = profile_for((one.path, one.shown) for one in found.files)
    if not quiet:
        say(_FITS.of(profile=name), err)
    return name


def _push(pusher: Pusher, files: Files, quiet: bool) -> bool:
    """Pushes the files; whether somebody interrupted it."""
    pushing = here(_PUSHING)
    with _progress(quiet) as progress:
        task = progress.add_task(pushing, total=None, rows=0)
        files.tell = lambda file, rows: progress.update(task, description=here(_READING.of(file=file)), rows=rows)
        try:
            pusher.push(files.items(), lambda known: progress.update(task, description=pushing, rows=known.rows))
        except KeyboardInterrupt:
            pusher.stop()
            return True
    return False


def _tell(report: Report, written: Written | None, as_json_: bool) -> None:
    if as_json_:
        report.print_json(written)
    else:
        rows, more = rejections_shown(report.tally.total())
        shown = table(*HEADS)
        for row in rows:
            shown.add_row(*row)
        report.print_text(shown if rows else None, more)


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
