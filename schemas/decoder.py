"""Decoders made for one schema each (schemas/compiling.py): several times as fast as a general reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from fastavro.read import LOGICAL_READERS

from schemas.compiling import GivesUp, Lines, compiled

Decoder = Callable[[bytes, int], tuple[dict[str, Any], int]]
"""The record that begins at a place in the bytes, and the place after it."""

_EPOCH: Final = date(1970, 1, 1).toordinal()
_LONGEST_VARINT: Final = 70
_DIGITS_OF_8_BYTES: Final = 19


def decoder(writer: Mapping[str, Any], reader: Mapping[str, Any]) -> Decoder | None:
    """A decoder of records that were written with one schema and are read with a later one of the same record (a field
    that is new gets its default); None where a type is none that decoders know.

    What it raises, or a place after the record that is not the end of the bytes, means that the general reader must say
    what they are.
    """
    made = _Decoder()
    try:
        value = made.record(writer, reader)
    except GivesUp:
        return None
    made.add(f"return {value}, at")
    names = {"varint": _varint, "day": date.fromordinal, "decimal": Decimal, **made.names}
    found: Decoder = compiled("data, at", made.lines, names, writer["name"])
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of two bytes or more, its sign still in the lowest bit, and the place after it."""
    number = shift = 0
    while shift < _LONGEST_VARINT:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            if number >> 64:
                break
            return number, at
        shift += 7
    raise GivesUp("a number is too large")


def _same_value(kind: Any, read_as: Any) -> bool:
    """Whether what was written as one type is the same value when it is read as another."""
    branches = read_as if isinstance(read_as, list) else [read_as]
    written = kind if isinstance(kind, list) else [kind]
    return all(one in branches or (one == "int" and "long" in branches) for one in written)


class _Decoder(Lines):
    """Each part reads one value at ``at`` into a variable."""

    def record(self, writer: Mapping[str, Any], reader: Mapping[str, Any]) -> str:
        """The expression of a record, once the lines so far have run."""
        new = {field["name"]: field for field in reader["fields"]}
        parts = []
        for field in writer["fields"]:
            if field["name"] not in new:
                raise GivesUp(field["name"])
            parts.append(f"{field['name']!r}: {self._value(field['type'], new.pop(field['name'])['type'])}")
        parts += [f"{name!r}: {field['default']!r}" for name, field in new.items()]
        return f"{{{', '.join(parts)}}}"

    def _value(self, kind: Any, read_as: Any) -> str:
        if isinstance(kind, Mapping) and kind["type"] == "record" and isinstance(read_as, Mapping):
            return self.record(kind, read_as)
        if not _same_value(kind, read_as):
            raise GivesUp(kind)
        name = self.name()
        if isinstance(kind, list):
            self._optional(name, kind)
        else:
            self._plain(name, kind)
        return name

    def _optional(self, name: str, kind: list[Any]) -> None:
        if len(kind) != 2 or kind[0] != "null":
            raise GivesUp(kind)
        self.add("branch = data[at]; at += 1", f"if branch == 0: {name} = None", "elif branch == 2:")
        start = len(self.lines)
        self._plain(name, kind[1])
        self.indent(start)
        self.add("else: raise GivesUp(branch)")

    def _plain(self, name: str, kind: Any) -> None:
        base = kind["type"] if isinstance(kind, Mapping) else kind
        match base:
            case "string" | "bytes":
                self._sized()
                self.add(f"{name} = data[at:at + size]{'.decode()' if base == 'string' else ''}; at += size")
            case "int" | "long":
                self._number("number")
                self.add(f"{name} = number >> 1 ^ -(number & 1)")
            case "boolean":
                self.add(f"{name} = data[at] != 0; at += 1")
            case "array":
                self._blocks(name, kind["items"], "[]", f"{name}.append({{}})")
            case "map":
                self._blocks(name, kind["values"], "{}", f"{name}[key] = {{}}")
            case _:
                raise GivesUp(kind)
        if isinstance(kind, Mapping) and "logicalType" in kind:
            self._logical(name, base, kind)

    def _logical(self, name: str, base: str, kind: Mapping[str, Any]) -> None:
        key = f"{base}-{kind['logicalType']}"
        if key == "int-date":
            self.add(f"{name} = day({name} + {_EPOCH})")
            return
        if key not in LOGICAL_READERS:
            raise GivesUp(kind)
        self.names |= {f"read_{name}": LOGICAL_READERS[key], f"schema_{name}": kind}
        read = f"read_{name}({name}, schema_{name})"
        if key == "bytes-decimal" and kind["precision"] >= _DIGITS_OF_8_BYTES:
            short = f"decimal(int.from_bytes({name}, 'big', signed=True)).scaleb({-kind.get('scale', 0)})"
            read = f"{short} if len({name}) <= 8 else {read}"
        self.add(f"{name} = {read}")

    def _blocks(self, name: str, items: Any, empty: str, put: str) -> None:
        """Texts or records in blocks: a count before each, 0 after the last."""
        if items != "string" and not (isinstance(items, Mapping) and items["type"] == "record"):
            raise GivesUp(items)
        self.add(f"{name} = {empty}")
        self._number("number")
        self.add("while number:")
        block = len(self.lines)
        self.add("if number & 1: raise GivesUp(number)", "for _ in range(number >> 1):")
        item = len(self.lines)
        if items != "string":
            self.add(put.format(self.record(items, items)))
        else:
            if empty == "{}":
                self._sized()
                self.add("key = data[at:at + size].decode(); at += size")
            self._sized()
            self.add(put.format("data[at:at + size].decode()"), "at += size")
        self.indent(item)
        self._number("number")
        self.indent(block)

    def _sized(self) -> None:
        """A length. One that is too long takes ``at`` beyond the end, where the next byte or the caller misses it."""
        self._number("size")
        self.add("if size & 1: raise GivesUp(size)", "size >>= 1")

    def _number(self, name: str) -> None:
        self.add(f"{name} = data[at]; at += 1", f"if {name} > 127: {name}, at = varint(data, at - 1)")
