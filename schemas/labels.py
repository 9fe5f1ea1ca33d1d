"""What people call a field: the Chinese name that its schema gives, for messages."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from schemas.registry import fields_of, header_fields
from schemas.sentence import Sentence, literal, plain

_NAME: Final = re.compile(r"[^（：，/]+")
_HEADER: Final = "header."


@lru_cache(maxsize=4096)
def label(event: str, field: str) -> Sentence:
    """A field of an event, or of its header (``header.occurred_on``, or the name alone): in Chinese by its name, in English by
    its path. What is no field is called as it is."""
    own, header = fields_of(event), header_fields()
    schema = None if field.startswith(_HEADER) else own.get(field)
    schema = schema or header.get(field.removeprefix(_HEADER))
    found = _NAME.match(schema["doc"]) if schema else None
    return literal(found[0].strip(), field) if found else plain(field)
