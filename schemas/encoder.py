"""Encoders made for one schema each (schemas/compiling.py), for values that have every field and the very types of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from fastavro.write import LOGICAL_WRITERS

from schemas.compiling import GivesUp, Lines, compiled

Encoder = Callable[[Mapping[str, Any], bytearray], None]
"""Adds the bytes of a record. What it raises means that the general writer must say what is wrong with the value."""

_EPOCH: Final = date(1970, 1, 1).toordinal()
_LIMITS: Final = {"int": 1 << 31, "long": 1 << 63}
_LOGICAL: Final = {"long-timestamp-millis": "datetime", "bytes-decimal": "Decimal"}


def encoder(schema: Mapping[str, Any]) -> Encoder | None:
    """An encoder of records of a schema; None where a type is none that encoders know."""
    made = _Encoder()
    try:
        made.record(schema, "value")
    except GivesUp:
        return None
    names = {"varint": _varint, "date": date, "datetime": datetime, "Decimal": Decimal, **made.names}
    found: Encoder = compiled("value, out", ["add = out.append", *made.lines], names, schema["name"])
    return found


def _varint(number: int) -> bytes:
    """A number whose sign is in its lowest bit already."""
    found = bytearray()
    while number > 127:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


class _Encoder(Lines):
    """Each part adds one value, which stands in a variable or an expression, to ``out``."""

    def record(self, schema: Mapping[str, Any], value: str) -> None:
        """A record that has every field and nothing else."""
        self.add(f"if len({value}) != {len(schema['fields'])}: raise GivesUp({schema['name']!r})")
        for field in schema["fields"]:
            name = self.name()
            self.add(f"{name} = {value}[{field['name']!r}]")
            self._value(name, field["type"])

    def _value(self, name: str, kind: Any) -> None:
        if not isinstance(kind, list):
            self._plain(name, kind)
            return
        if len(kind) != 2 or kind[0] != "null":
            raise GivesUp(kind)
        self.add(f"if {name} is None: add(0)", "else:")
        start = len(self.lines)
        self.add("add(2)")
        self._plain(name, kind[1])
        self.indent(start)

    def _plain(self, name: str, kind: Any) -> None:
        if isinstance(kind, Mapping) and "logicalType" in kind:
            self._logical(name, kind)
            return
        match kind if isinstance(kind, str) else kind["type"]:
            case "string":
                self._text(name)
            case "int" | "long":
                self._number(name, _LIMITS[kind])
            case "boolean":
                self._typed(name, "bool")
                self.add(f"add(1 if {name} else 0)")
            case "array" if kind["items"] == "string":
                self._texts(name, "list", "for item in {}:", ("item",))
            case "array" if isinstance(kind["items"], Mapping):
                self._records(name, kind["items"])
            case "map" if kind["values"] == "string":
                self._texts(name, "dict", "for key, item in {}.items():", ("key", "item"))
            case "record":
                self.record(kind, name)
            case _:
                raise GivesUp(kind)

    def _logical(self, name: str, kind: Mapping[str, Any]) -> None:
        key = f"{kind['type']}-{kind['logicalType']}"
        if key == "int-date":
            self._typed(name, "date")
            self.add(f"{name} = {name}.toordinal() - {_EPOCH}")
            self._number(name, _LIMITS["int"])
            return
        if key not in _LOGICAL:
            raise GivesUp(kind)
        self._typed(name, _LOGICAL[key])
        self.names |= {f"write_{name}": LOGICAL_WRITERS[key], f"schema_{name}": kind}
        self.add(f"{name} = write_{name}({name}, schema_{name})")
        if kind["type"] == "long":
            self._number(name, _LIMITS["long"])
        else:
            self._sized(name)

    def _number(self, name: str, limit: int) -> None:
        self._typed(name, "int")
        self.add(f"if not {-limit} <= {name} < {limit}: raise GivesUp({name})")
        self.add(f"size = {name} << 1 if {name} >= 0 else ~({name} << 1)")
        self._size()

    def _text(self, name: str) -> None:
        self._typed(name, "str")
        self.add(f"text = {name}.encode()")
        self._sized("text")

    def _texts(self, name: str, kind: str, loop: str, items: tuple[str, ...]) -> None:
        def one() -> None:
            for item in items:
                self._text(item)

        self._typed(name, kind)
        self._block(name, loop.format(name), one)

    def _records(self, name: str, kind: Mapping[str, Any]) -> None:
        item = self.name()
        self._typed(name, "list")
        self._block(name, f"for {item} in {name}:", lambda: self.record(kind, item))

    def _block(self, name: str, loop: str, one: Callable[[], None]) -> None:
        """One block of all items, and the end."""
        self.add(f"if {name}:")
        block = len(self.lines)
        self.add(f"size = len({name}) << 1")
        self._size()
        self.add(loop)
        start = len(self.lines)
        one()
        self.indent(start)
        self.indent(block)
        self.add("add(0)")

    def _typed(self, name: str, kind: str) -> None:
        self.add(f"if type({name}) is not {kind}: raise GivesUp({name!r})")

    def _sized(self, name: str) -> None:
        self.add(f"size = len({name}) << 1")
        self._size()
        self.add(f"out += {name}")

    def _size(self) -> None:
        self.add("if size < 128: add(size)", "else: out += varint(size)")
