"""One cell (or text given by hand) to one field's value, by the field's type. Pure; raises BadValue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.files.profile import FieldSpec
from connectors.files.values import (
    BadValue,
    read_amount,
    read_date,
    read_flag,
    read_time,
    read_whole,
    split,
    squeeze,
    text_of,
)
from schemas.sentence import Sentence


def read_cell(cell: Any, spec: FieldSpec, dates: tuple[str, ...], unit: str | None = None) -> Any:
    """The value of a cell that is not null, for a field that is neither list nor enumeration."""
    match spec.type.base:
        case "text":
            return text_of(cell)
        case "date":
            return read_date(cell, dates)
        case "amount":
            return read_amount(cell, unit or spec.unit)
        case "whole":
            return read_whole(cell)
        case "flag":
            return read_flag(cell)
        case "time":
            return read_time(cell)
        case _:
            unread = Sentence(
                "{type} 类型的字段不能从列中读取，请删去该列",
                "a field of type {type} cannot be read from a column; remove the column",
            )
            raise BadValue("out_of_catalogue", unread.of(type=spec.type.base))


def read_code(text: str, spec: FieldSpec, values: Mapping[str, str]) -> tuple[str, bool]:
    """The code of an enumeration's text, and whether the text said more than the code (and must be kept in extra).

    An empty code means null. Raises BadValue (out_of_catalogue).
    """
    plain = squeeze(text)
    if plain in values:
        return values[plain], False
    if plain in spec.type.values:
        return plain, False
    if "other" in spec.type.values and any(plain.startswith(prefix) for prefix in spec.other):
        return "other", True
    if spec.unmatched is not None:
        return spec.unmatched, True
    unlisted = Sentence(
        "只能填：{known}。请在源数据中更正，或在自己的映射方案中对应",
        "not one of {known}; correct it at the source, or map it in a profile of your own",
    )
    raise BadValue("out_of_catalogue", unlisted.of(known="、".join(values) or ", ".join(spec.type.values)))


def read_text_value(text: str, spec: FieldSpec, dates: tuple[str, ...]) -> Any:
    """The value of a text given by hand (``--set``) or as a profile's constant. Amounts are yuan. Raises BadValue."""
    spec = replace(spec, other=(), unmatched=None)  # what is given by hand has no extra to keep the rest in
    if spec.type.base == "list":
        parts = split(text, spec.separators)
        return [read_code(part, spec, spec.values)[0] for part in parts] if spec.type.values else parts
    if spec.type.values:
        return read_code(text, spec, spec.values)[0] or None
    return read_cell(text, spec, dates, "yuan")
