"""A file whose first rows all fail for one reason: a forgotten ``--set`` or a wrong profile, not so many wrong rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors.files.errors import FileError
from connectors.files.submit_items import Submission
from schemas.sentence import Sentence, literal


class AllRefused(FileError):
    """The first ``rows`` rows of a file are refused for one ``reason`` in one ``field``; ``first``: what to do about the first."""

    says = Sentence(
        "{file}：开头 {rows:,} 行因同一原因 {reason} 全部被退回，该文件未推送。第一行：{first}。"
        "是否缺少 --set，或文件与方案不符？仍要推送请加 --max-errors 0",
        "{file}: the first {rows:,} rows are all refused as {reason}, so nothing of it was sent. Of the first of them: {first}. "
        "Is a --set missing, or is it another profile's file? --max-errors 0 sends it all the same",
    )

    def __init__(self, file: str, rows: int, reason: str, field: str, first: Sentence) -> None:
        self.file, self.rows, self.reason, self.field, self.first = file, rows, reason, field, first
        super().__init__(file=file, rows=rows, reason=f"{reason} ({field})" if field else reason, first=first)


def unless_all_refused(found: Iterable[Submission], most: int) -> Iterator[Submission]:
    """The same, but for rows at the beginning that are all refused for one reason: these are held back until another row
    comes. Raises AllRefused at the ``most``-th of them; 0: never."""
    held: list[Submission] = []
    source = iter(found)
    for one in source if most else ():
        if not one.refused or (held and _why(one) != _why(held[0])):
            yield from held
            yield one
            break
        held.append(one)
        if len(held) == most:
            reason, field = _why(one)
            raise AllRefused(one.file, most, reason, field, _said(held[0]))
    else:
        yield from held
    yield from source


def _said(one: Submission) -> Sentence:
    refused = one.item["refused"]
    return literal(refused["message_zh"], refused["message"])


def _why(one: Submission) -> tuple[str, str]:
    refused = one.item["refused"]
    return refused["reason"], refused["field"]
