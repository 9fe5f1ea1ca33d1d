"""Rows to items of a submission batch (schemas/transport/SubmissionBatch.avsc), each with its place in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from connectors.files.context import Context
from connectors.files.events import raw_object
from connectors.files.forms import Notes
from connectors.files.identity import about_event, screened
from connectors.files.mapping import map_row
from connectors.files.outcome import Mapped, MappedRow, Refused
from connectors.files.profile import Profile
from connectors.files.readers import read_rows
from connectors.files.rows import BrokenRow, Row
from connectors.files.screen import Screen
from connectors.files.view import View
from schemas import registry, wire
from schemas.about import NOTHING, About
from schemas.catalogue import BY_NAME
from schemas.sentence import Sentence

_TOGETHER: Final = 200
LARGEST_EVENT: Final = 4_000_000
"""Bytes: a message of the topics takes 8 MiB, and an event is framed, sealed and copied on its way."""


class Said(NamedTuple):
    """What an item states: the event's name, who says it about whose act, the id that its source gave it (empty: none), and the
    digest of its content (schemas.wire.content_digest)."""

    event: str
    source_id: str
    subject_id: str
    act_id: str
    source_event_id: str
    digest: str

    @property
    def makes_act(self) -> bool:
        """Whether it states an act, not something about one."""
        return BY_NAME[self.event].makes_act


@dataclass(frozen=True, slots=True)
class Submission:
    """One item of a batch, and where it came from. A row may give two (an act and its disclosure). ``key`` is the subject
    of the row's first statement, empty where the row was refused; ``act_id`` its act. ``about``: what is said of it beside its
    bytes."""

    file: str
    row: int
    sheet: str
    item: dict[str, Any] = field(repr=False)
    key: str = ""
    act_id: str = ""
    about: About = NOTHING
    said: Said | None = None
    """None where the row was refused."""

    @property
    def refused(self) -> bool:
        """Whether the connector refused the row."""
        return self.item["refused"] is not None


def submissions(path: Path, profile: Profile, context: Context, notes: Notes | None = None) -> Iterator[Submission]:
    """All items of a file, in the order of its rows; ``notes`` learns which rows were left out. Raises UnreadableFile, NoHeader."""
    return items_of(path.name, profile, read_rows(path, profile, notes), context)


def items_of(file: str, profile: Profile, rows: Iterable[Row | BrokenRow], context: Context) -> Iterator[Submission]:
    """Items of rows that were read elsewhere; ``file`` is the name that origins show.

    Rows are taken some hundred at a time, so that the vault writes once for all new persons among them.
    """
    source, shown = iter(rows), context.screen.text(file)
    while chunk := list(islice(source, _TOGETHER)):
        with nullcontext() if context.vault is None else context.vault.together():
            done = [
                one
                for row in chunk
                for one in _placed(
                    file, f"{shown}:{_place(row, context.screen)}", profile, row, map_row(profile, row, context), context
                )
            ]
        yield from done


def _placed(
    file: str, origin: str, profile: Profile, row: Row | BrokenRow, mapped: MappedRow, context: Context
) -> Iterator[Submission]:
    """A rejection is answered by the last statement of its row, which is refused when an earlier one is."""
    header = mapped.events[0][1]["header"] if isinstance(mapped, Mapped) and mapped.events else {}
    items = row_items(profile, row, mapped, origin, context.screen)
    for at, item in enumerate(items, 1):
        if item["refused"] is not None:  # no key where an event may not leave: the key of a message is as open as its bytes
            about = mapped.about if isinstance(mapped, Refused) else about_event(*mapped.events[0])
            yield Submission(file, row.number, row.sheet, item, about=screened(about, context.screen.holds_number))
            continue
        about = _answering(row, origin, header["act_id"], context) if at == len(items) else NOTHING
        yield Submission(file, row.number, row.sheet, item, header["subject_id"], header["act_id"], about, _said(item))


def _answering(row: Row | BrokenRow, origin: str, act: str, context: Context) -> About:
    """The rejections that the row names, and those of the same row and act of a file by the same name."""
    named = row.answers if isinstance(row, Row) else ()
    answers = tuple(dict.fromkeys((*named, *context.unsettled.get((origin, act), ()))))
    return About(answers) if answers else NOTHING


def _place(row: Row | BrokenRow, screen: Screen) -> str:
    return replace(row, sheet=screen.text(row.sheet)).place if row.sheet else row.place


def row_items(profile: Profile, row: Row | BrokenRow, mapped: MappedRow, origin: str, screen: Screen) -> list[dict[str, Any]]:
    """The SubmissionItem records of one mapped row; a refusal where something in it must not leave."""
    if isinstance(mapped, Refused):
        return [_refusal(mapped, origin, screen)]
    try:
        values = [(name, event, wire.encode(name, event)) for name, event in mapped.events]
    except wire.Unencodable as problem:  # its detail quotes values
        return [_refusal(_unencodable(mapped, problem.name), origin, screen)]
    if (size := max((len(value) for _, _, value in values), default=0)) > LARGEST_EVENT:
        too_large = Sentence(
            "该行有 {size:,} 字节，一条消息最多 {most:,} 字节：请精简文字",
            "the event has {size:,} bytes, and at most {most:,} fit into a message; state it in fewer words",
        ).of(size=size, most=LARGEST_EVENT)
        return [_refusal(Refused("undecodable", "", too_large, b"{}"), origin, screen)]
    if found := next((found for one in values if (found := screen.problem(*one)) is not None), None):
        return [_refusal(Refused(found.reason, found.field, found.sentence, _raw(profile, row)), origin, screen)]
    return [_item(value, registry.fingerprint_of(name), origin) for name, _, value in values]


def _raw(profile: Profile, row: Row | BrokenRow) -> bytes:
    """What a refusal keeps of a row that made events."""
    assert isinstance(row, Row)
    return raw_object(row) if profile.event is None else View(profile, row).raw()


def _said(item: Mapping[str, Any]) -> Said:
    """Of the bytes as the gate reads them: a decimal has other digits there than in the row."""
    name, event = wire.decode(item["value"], item["fingerprint"])
    header = event["header"]
    own = header["source_event_id"] or ""
    return Said(name, header["source_id"], header["subject_id"], header["act_id"], own, wire.content_digest(name, event))


def _item(value: bytes, fingerprint: str, origin: str) -> dict[str, Any]:
    return {"value": value, "fingerprint": fingerprint, "origin": origin, "refused": None}


def _refusal(refused: Refused, origin: str, screen: Screen) -> dict[str, Any]:
    why = {"reason": refused.reason, "field": screen.text(refused.field), **_messages(refused.sentence, screen)}
    raw = refused.raw if len(refused.raw) <= LARGEST_EVENT else b"{}"
    return {"value": screen.raw(raw), "fingerprint": None, "origin": origin, "refused": why}


def _messages(sentence: Sentence, screen: Screen) -> dict[str, str]:
    return {"message": screen.text(sentence.en), "message_zh": screen.text(sentence.zh)}


def _unencodable(mapped: Mapped, name: str) -> Refused:
    return Refused(
        "undecodable",
        "",
        Sentence(
            "该行的值放不进 {name}：数字过大，或文字不是 Unicode；请更正该行",
            "the row's values do not fit {name}: a number is too large or a text is not Unicode; correct the row",
        ).of(name=name),
        b"{}",
    )
