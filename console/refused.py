"""What a push has to do with refused rows: which earlier ones it may settle, and the form in which its own come back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from connectors.clickhouse.errors import ClickHouseProblem
from connectors.clickhouse.store import Store
from connectors.files import Profile, Screen, Why, Written, write_form
from console.inputs import Input
from console.output import say
from console.tally import SUPERSEDED, Outcome, RowRejection
from projections.admission import REASONS
from schemas.about import Place
from schemas.sentence import Sentence

_WRITTEN: Final = Sentence(
    "退回的 {rows} 行已写入 {target}：请照说明改正后推送该文件，原退回记录随即结清。内含原始数据，仅本人可读，请妥善保管",
    "{rows} refused rows are in {target}: correct them and push that file, which settles their rejections. It holds what you sent "
    "as it was, and only you may read it",
)
_LEFT: Final = Sentence(
    "{left} 行无法写入表格（断行、公式未计算、单元格过长，或文件已改动），请在原文件中改正",
    "{left} rows fit into no form (broken rows, formulas without a result, cells that are too long, or the file has changed): "
    "correct them in the file itself",
)
_NONE: Final = Sentence("没有退回的行，未写 {target}", "no row was refused, so {target} was not written")
_REPLACED: Final = Sentence("同一行为后面还有一行", "a later row states the same act")
_HOW: Final = Sentence(
    "加 --refused {name} 可把退回的行按原表格取回，附原因与处理办法",
    "--refused {name} gives the refused rows back in the same form, with what to do about each",
)


def unsettled(store: Store, source_id: str, files: Iterable[Path], screen: Screen) -> Mapping[tuple[str, str], tuple[Place, ...]]:
    """Earlier rejections that rows of these files may settle; none while ClickHouse is away, which the push waits out."""
    try:
        return store.unsettled(source_id, sorted({screen.text(one.name) for one in files}))
    except ClickHouseProblem as problem:
        if not problem.transient:
            raise
        return {}


def write_refused(target: Path, files: Sequence[Input], profile: Profile, take_hidden: bool, outcome: Outcome) -> Written:
    """Writes the refused rows of a push as the form that they stood in."""
    refusals: dict[str, dict[tuple[str, int], Why]] = {}
    path_of = {one.shown: str(one.path) for one in files}
    for one in outcome.rejected:
        refusals.setdefault(path_of[one.file], {})[one.sheet, one.row] = _why(one)
    return write_form(target, [one.path for one in files], profile, take_hidden, refusals)


def tell_refused(target: Path | None, written: Written | None, outcome: Outcome) -> None:
    """Says where the refused rows are, or how to get them."""
    if target is None or written is None:
        if outcome.rejected:
            say(_HOW.of(name=suggested(outcome.rejected[0].file)))
        return
    if written.rows:
        say(_WRITTEN.of(rows=written.rows, target=target))
    if written.left:
        say(_LEFT.of(left=written.left))
    elif not written.rows:
        say(_NONE.of(target=target))


def suggested(file: str) -> str:
    """A name for the form of a file's refused rows."""
    path = Path(file)
    return f"{path.stem}.refused{'.jsonl' if path.suffix.lower() in ('.jsonl', '.ndjson') else '.xlsx'}"


def _why(one: RowRejection) -> Why:
    """The form is an office's: in Chinese whatever the language of the command."""
    return Why(
        _REPLACED.zh if one.reason == SUPERSEDED else REASONS[one.reason].zh, one.field, one.message_zh or one.message, one.places
    )
