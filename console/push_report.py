"""What a push tells when it ends, in text or JSON, and with which exit code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from connectors.files import LEFT_OUT, FileError, Notes, Written
from console.inputs import Inputs
from console.language import here
from console.output import INTERRUPTED, OK, SOME_REJECTED, UNACKNOWLEDGED, USAGE, explained, out, print_json, say
from console.tally import Outcome, Superseded, Tally
from schemas.sentence import Sentence

_MOST_SHOWN: Final = 100
_FEW: Final = 10
_OPTIONAL: Final = ("unacknowledged", "superseded", "restated", "more_rejected")
HEADS: Final = (
    Sentence("文件", "file"),
    Sentence("行", "row"),
    Sentence("原因", "reason"),
    Sentence("字段", "field"),
    Sentence("说明", "message"),
)
_SUM: Final = Sentence(
    "{rows} 行：收录 {admitted}，重复 {duplicates}，退回 {rejected}",
    "{rows} rows: {admitted} admitted, {duplicates} duplicates, {rejected} rejected",
)
_SUPERSEDED: Final = Sentence(
    "{rows} 行未发送，因为同一文件中后面有一行说的是同一行为：{shown}",
    "{rows} rows not sent, as a later row of their file states the same act: {shown}",
)
_RESTATED: Final = Sentence(
    "收录的行中有 {rows} 行改变了日志已有行为的内容（重述）",
    "{rows} of the admitted rows state an act otherwise than the log knew it (restated)",
)
_MORE: Final = Sentence(
    "… 另有 {more} 行：用 --json，或 xinji rejected --limit {every} 查看",
    "… {more} more: --json, or xinji rejected --limit {every}",
)
_LEFT_OUT: Final = Sentence("未推送：{place}：{rows} 行：{why}", "left out: {place}: {rows} rows: {why}")
_NOT_TAKEN: Final = Sentence("未推送：{file}：{why}", "left out: {file}: {why}")
_FAILED: Final = Sentence("未推送：{why}", "not pushed: {why}")
_OF_FILE: Final = Sentence(
    "{file}：{rows} 行，收录 {admitted}，重复 {duplicates}，退回 {rejected}",
    "{file}: {rows} rows: {admitted} admitted, {duplicates} duplicates, {rejected} rejected",
)
_NO_RECEIPT: Final = Sentence(
    "{rows} 行未得到回执：请用 `xinji status` 查看，再推送一次，可放心重推；新登记的信息提供单位要等闸口重新启动后才认得",
    "{rows} rows without a receipt: see `xinji status`, then push the file again, it is safe; the gate knows a new source once it "
    "is started again",
)
_TRIED: Final = Sentence(
    "试运行：未发送也未保存；以上为现在推送会有的结果",
    "a trial: nothing was sent or kept; this is what would become of the rows now",
)
_TRIED_ALONE: Final = Sentence(
    "试运行：未发送也未保存；没有运行中的环境，未与日志比对，重复的行可能显示为收录",
    "a trial: nothing was sent or kept; no stack runs, so nothing was compared with the log, and repeats may show as admitted",
)
_INTERRUPTED: Final = Sentence(
    "已中断：到此发送 {sent} 行，其中 {waiting} 行还没有回执；可放心重推同样的文件",
    "interrupted: {sent} rows were sent so far, {waiting} of them have no receipt yet; pushing the same files again is safe",
)


@dataclass(frozen=True, slots=True)
class Report:
    """A push that ended, or was interrupted. ``errors``: of files of which nothing was sent."""

    tally: Tally
    notes: Notes
    inputs: Inputs
    errors: Mapping[str, FileError]
    interrupted: bool = False
    tried: bool = False
    """Nothing was sent: the counts say what would become of the rows."""
    compared: bool = True
    """Whether the log was asked what it knows."""

    @property
    def exit_code(self) -> int:
        """That of the worst: interrupted, rows without a receipt, files that could not be read, rows that were rejected."""
        total = self.tally.total()
        if self.interrupted:
            return INTERRUPTED
        if total.unacknowledged:
            return UNACKNOWLEDGED
        return USAGE if self.errors else SOME_REJECTED if total.refused else OK

    @property
    def by_file(self) -> bool:
        """Whether there is more to tell than of one file."""
        return len(self.inputs.files) > 1 or bool(self.errors)

    def print_json(self, written: Written | None) -> None:
        """For programs."""
        print_json(self.as_dict() | ({} if written is None else {"refused_form": asdict(written)}))

    def as_dict(self) -> dict[str, Any]:
        """The sum, and the files where there are several. What there is nothing of is left out, but for the four counts."""
        shown = _counts(self.tally.total())
        if self.tally.superseded:
            shown["superseded_rows"] = [asdict(one) for one in self.tally.superseded]
        if self.notes.left_out:
            shown["left_out"] = [
                {"file": file, "sheet": sheet, "why": why, "rows": rows} for (file, sheet, why), rows in self.notes.left_out.items()
            ]
        if self.inputs.left_out:
            shown["files_left_out"] = [{"file": file, "why": why.en, "why_zh": why.zh} for file, why in self.inputs.left_out]
        if self.by_file:
            shown["files"] = [self._file(file, one) for file, one in self.tally.files.items()]
        if self.tried:
            shown |= {"dry_run": True, "compared_with_log": self.compared}
        return shown | ({"interrupted": True} if self.interrupted else {})

    def _file(self, file: str, one: Outcome) -> dict[str, Any]:
        if (problem := self.errors.get(file)) is not None:
            said = problem.sentence
            return {"file": file, "error": type(problem).__name__, "message": said.en, "message_zh": said.zh}
        return {"file": file, **_counts(one), "rejected": one.refused}

    def print_text(self, rejected: Any, more: str) -> None:
        """For people; ``rejected`` is the table of rejected rows, None where there are none, ``more`` what stands below it."""
        total = self.tally.total()
        if rejected is not None:
            out.print(rejected)
        if more:
            out.print(more, markup=False)
        if self.by_file:
            for file, one in self.tally.files.items():
                if file in self.errors:
                    say(_FAILED.of(why=self.errors[file].sentence))
                else:
                    counts = {"rows": one.rows, "admitted": one.admitted, "duplicates": one.duplicates, "rejected": one.refused}
                    say(_OF_FILE.of(file=file, **counts))
        say(_SUM.of(rows=total.rows, admitted=total.admitted, duplicates=total.duplicates, rejected=total.refused))
        for line in self._remarks(total):
            say(line)

    def _remarks(self, total: Outcome) -> list[Sentence]:
        found = []
        if self.tried:
            found.append(_TRIED if self.compared else _TRIED_ALONE)
        if total.superseded:
            found.append(_SUPERSEDED.of(rows=total.superseded, shown=_places(self.tally.superseded)))
        if total.restated:
            found.append(_RESTATED.of(rows=total.restated))
        for (file, sheet, why), rows in self.notes.left_out.items():
            found.append(_LEFT_OUT.of(place=f"{file} {sheet}".rstrip(), rows=rows, why=LEFT_OUT[why]))
        found += [_NOT_TAKEN.of(file=file, why=why) for file, why in self.inputs.left_out]
        if self.interrupted:
            sent = total.rows - total.superseded
            found.append(_INTERRUPTED.of(sent=sent, waiting=total.unacknowledged))
        elif total.unacknowledged:
            found.append(_NO_RECEIPT.of(rows=total.unacknowledged))
        return found


def _counts(one: Outcome) -> dict[str, Any]:
    shown = asdict(one)
    del shown["events"]
    return {name: value for name, value in shown.items() if value or name not in _OPTIONAL}


def _places(rows: list[Superseded]) -> str:
    shown = ", ".join(f"{one.file}:{one.row} ← {one.by}" for one in rows[:_FEW])
    return shown + (" …" if len(rows) > _FEW else "")


def rejections_shown(total: Outcome) -> tuple[list[tuple[str, ...]], str]:
    """The first rejected rows as cells, and what to say of the others."""
    rows: list[tuple[str, ...]] = [
        (one.file, str(one.row), one.reason, one.field, explained(one)) for one in total.rejected[:_MOST_SHOWN]
    ]
    more = total.refused - len(rows)
    return rows, here(_MORE.of(more=more, every=total.refused)) if more else ""
