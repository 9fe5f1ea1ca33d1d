"""Writes ``typed.py``, the events as typed dictionaries, from the schemas: ``python -m schemas.generate``."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from schemas.catalogue import BY_NAME
from schemas.registry import Schema, header_source, source

TARGET: Final = Path(__file__).resolve().parent / "typed.py"
_WIDTH: Final = 120
_TITLE: Final = '''"""The header and every event as wire.decode gives them: every field is there.

Written by ``python -m schemas.generate``: change the schemas in ``avsc/``, not this file.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict
'''
_PLAIN: Final = {
    "null": "None",
    "boolean": "bool",
    "int": "int",
    "long": "int",
    "float": "float",
    "double": "float",
    "bytes": "bytes",
    "string": "str",
    "date": "date",
    "timestamp-millis": "datetime",
    "decimal": "Decimal",
}


class NoPythonType(ValueError):
    """A schema holds a type that the generator does not know."""

    def __init__(self, schema: Any) -> None:
        self.schema = schema
        super().__init__(f"no Python type stands for {schema}: add one to schemas/generate.py, or use a type that stands there")


def generated() -> str:
    """The whole text of ``typed.py``. Raises NoPythonType."""
    return "\n\n".join([_TITLE, _record(header_source()), *(_record(source(name)) for name in BY_NAME)])


def _record(schema: Schema) -> str:
    lines = [f"class {schema['name']}(TypedDict):", *_doc(schema["doc"]), ""]
    for field in schema["fields"]:
        lines += [f"    {field['name']}: {_python(field['type'])}", *_doc(field["doc"])]
    return "\n".join(lines) + "\n"


def _doc(doc: str) -> Iterator[str]:
    """A docstring on one line, else the Chinese on the first and the English on the next."""
    quoted = doc.replace("\\", "\\\\")
    if _columns(quoted) + 10 <= _WIDTH:
        yield f'    """{quoted}"""'
        return
    parts = quoted.split(" / ")
    cut = next(at for at in range(1, len(parts) + 1) if " / ".join(parts[at:]).isascii())
    yield f'    """{" / ".join(parts[:cut])} /'
    yield f'    {" / ".join(parts[cut:])}"""'


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def _python(schema: Any) -> str:
    if isinstance(schema, list):
        return " | ".join(_python(branch) for branch in sorted(schema, key=lambda branch: branch == "null"))
    kind = schema if isinstance(schema, str) else schema.get("logicalType") or schema["type"]
    match kind:
        case "array":
            return f"list[{_python(schema['items'])}]"
        case "map":
            return f"dict[str, {_python(schema['values'])}]"
        case "record":
            return str(schema["name"])
        case str() if kind in _PLAIN:
            return _PLAIN[kind]
        case _:
            raise NoPythonType(schema)


def main() -> int:
    """Writes the file beside this one; always 0."""
    TARGET.write_text(generated(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
