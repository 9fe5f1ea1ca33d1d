"""What the doctor finds: each a typed value that says what is wrong and what to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Final

from connectors.clickhouse.declared import ColumnDifference
from schemas.records import Astray
from schemas.sentence import Sentence
from streams.topics import ACTS

_FROM_BUS: Final = Sentence(
    "请用 `xinji doctor --repair` 从消息总线补回，或加 `--from 备份目录`",
    "fill it with `xinji doctor --repair`, from the bus while it lives, or with `--from BACKUP`",
)


@dataclass(frozen=True, slots=True)
class Finding(ABC):
    """Something that is not as it should be."""

    code: ClassVar[str] = ""

    @property
    @abstractmethod
    def what(self) -> Sentence:
        """What is wrong, and where."""

    @property
    @abstractmethod
    def advice(self) -> Sentence:
        """What to do."""

    def plain(self) -> dict[str, Any]:
        """For programs: the code, the data, and both texts in both languages."""
        told = {"message": self.what.en, "message_zh": self.what.zh, "advice": self.advice.en, "advice_zh": self.advice.zh}
        return {"finding": self.code, **asdict(self), **told}


@dataclass(frozen=True, slots=True)
class HoleInLog(Finding):
    """Rows of the log are missing between others; ``receipts`` are those without their event."""

    code = "hole_in_log"
    partition: int
    first: int
    last: int
    receipts: tuple[Astray, ...]

    @property
    def what(self) -> Sentence:
        return Sentence(
            "act_log 缺 {place}，涉及 {receipts} 张回执", "act_log lacks {place}, which {receipts} receipts name"
        ).of(place=place(self.partition, self.first, self.last), receipts=len(self.receipts))  # fmt: skip

    @property
    def advice(self) -> Sentence:
        return _FROM_BUS


KNOWN_BY: Final = {
    "progress": Sentence("已记录的进度", "the positions that were remembered"),
    "receipts": Sentence("回执", "receipts"),
    "backup": Sentence("备份", "the backup"),
}


@dataclass(frozen=True, slots=True)
class TailLost(Finding):
    """The end of the log is missing; ``known_by`` says how that is known: progress, receipts or backup."""

    code = "tail_lost"
    partition: int
    first: int
    last: int
    known_by: str
    receipts: tuple[Astray, ...]

    @property
    def what(self) -> Sentence:
        return Sentence(
            "act_log 末尾缺 {place}（据{known}），涉及 {receipts} 张回执",
            "the end of act_log, {place}, is lost (known by {known}); {receipts} receipts name it",
        ).of(place=place(self.partition, self.first, self.last), known=KNOWN_BY[self.known_by], receipts=len(self.receipts))

    @property
    def advice(self) -> Sentence:
        return _FROM_BUS


@dataclass(frozen=True, slots=True)
class BusShorter(Finding):
    """The topic ``acts`` ends before the log that has landed: its tail is lost on the bus."""

    code = "bus_shorter"
    partition: int
    bus_end: int
    log_end: int

    @property
    def what(self) -> Sentence:
        return Sentence(
            "主题 {topic} 分区 {partition} 止于 {bus}，act_log 止于 {log}",
            "{topic}/{partition} ends at {bus} on the bus and at {log} in act_log",
        ).of(topic=ACTS, partition=self.partition, bus=self.bus_end, log=self.log_end)

    @property
    def advice(self) -> Sentence:
        return Sentence(
            "请停止接收，从副本恢复该主题；嵌入式环境重新启动 `xinji up` 即可",
            "stop admission and restore the topic from a replica; an embedded stack fills it when `xinji up` starts",
        )


@dataclass(frozen=True, slots=True)
class ReceiptAstray(Finding):
    """A receipt names a place where its event does not stand; another does where ``stands`` has its id."""

    code = "receipt_astray"
    receipt: Astray

    @property
    def what(self) -> Sentence:
        one = self.receipt
        return Sentence(
            "{source} 的批次 {batch} 第 {index} 条回执所指事件 {event} 不在 {place}（该处为 {stands}）",
            "the receipt of {source}, batch {batch}, index {index} names event {event}, which is not at {place} ({stands} is)",
        ).of(
            source=one.source_id, batch=one.batch_id, index=one.index, event=one.event_id,
            place=place(one.partition, one.offset, one.offset), stands=one.stands or NOTHING,
        )  # fmt: skip

    @property
    def advice(self) -> Sentence:
        return Sentence(
            "请核对是否恢复过较旧的数据；请报送单位重新推送该条，并保留此清单",
            "find out whether older data were restored; have the source push that statement again, and keep this list",
        )


NOTHING: Final = Sentence("无", "nothing")


@dataclass(frozen=True, slots=True)
class TableMissing(Finding):
    """A table or view that is declared does not stand in its database. ``kind``: log, projection or view."""

    code = "table_missing"
    database: str
    table: str
    kind: str

    @property
    def what(self) -> Sentence:
        return Sentence("缺少 {database}.{table}", "{database}.{table} is missing").of(database=self.database, table=self.table)

    @property
    def advice(self) -> Sentence:
        return Sentence("请运行 `xinji migrate`（或 `xinji doctor --repair`）", "run `xinji migrate`, or `xinji doctor --repair`")


@dataclass(frozen=True, slots=True)
class ColumnsDiffer(Finding):
    """A table has not the columns that are declared."""

    code = "columns_differ"
    database: str
    table: str
    kind: str
    columns: tuple[ColumnDifference, ...]

    @property
    def what(self) -> Sentence:
        shown = ", ".join(f"{one.column} {one.found or '-'} ({one.declared or '-'})" for one in self.columns)
        return Sentence(
            "{database}.{table} 的列与声明不符：{shown}", "columns of {database}.{table} are not as declared: {shown}"
        ).of(database=self.database, table=self.table, shown=shown)

    @property
    def advice(self) -> Sentence:
        if self.kind == "projection":
            return Sentence("请运行 `xinji migrate` 重算投影", "run `xinji migrate`, which makes the projections anew")
        return Sentence("请改回列的类型，或从备份恢复", "give the columns back their types, or restore a backup")


@dataclass(frozen=True, slots=True)
class RowsUnexplained(Finding):
    """Rows of a projection of whose subjects or acts the log says nothing; ``keys`` are the first of them."""

    code = "rows_unexplained"
    database: str
    table: str
    count: int
    keys: tuple[tuple[str, ...], ...]

    @property
    def what(self) -> Sentence:
        return Sentence(
            "{database}.{table} 有 {count} 行，日志中没有其主体或行为，如 {key}",
            "{count} rows of {database}.{table} are about subjects or acts of which the log says nothing, such as {key}",
        ).of(database=self.database, table=self.table, count=self.count, key=" ".join(self.keys[0]))

    @property
    def advice(self) -> Sentence:
        return Sentence(
            "请查明由谁写入；日志完整时运行 `xinji rebuild` 重算投影",
            "find out who wrote them; once the log is whole, `xinji rebuild` makes the projections anew",
        )


@dataclass(frozen=True, slots=True)
class TooOpen(Finding):
    """A file or directory that others than its owner may read or change. ``mode`` and ``wanted`` are octal texts."""

    code = "too_open"
    path: str
    mode: str
    wanted: str

    @property
    def what(self) -> Sentence:
        return Sentence("{path} 的权限是 {mode}，他人可访问", "{path} has mode {mode}: others may reach it").of(
            path=self.path, mode=self.mode
        )

    @property
    def advice(self) -> Sentence:
        return Sentence("请运行 `chmod {wanted} {path}`", "run `chmod {wanted} {path}`").of(wanted=self.wanted, path=self.path)


def place(partition: int, first: int, last: int) -> str:
    """Places of the log as people write them."""
    return f"{ACTS}/{partition}/{first}" + (f"-{last}" if last != first else "")


def receipts_without_event(findings: Sequence[Finding]) -> list[Astray]:
    """Every receipt that some findings leave without its event."""
    found: list[Astray] = []
    for one in findings:
        match one:
            case HoleInLog(receipts=receipts) | TailLost(receipts=receipts):
                found += receipts
            case ReceiptAstray(receipt=receipt):
                found.append(receipt)
    return found
