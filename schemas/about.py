"""What a sender says of statements beside their bytes: which rejections one answers, and what a refused row was about.

It travels in a header of the batch's message, so that batches keep their schema and who has nothing to say sends none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

ABOUT_HEADER: Final = "xinji_about"
_MOST_ANSWERS: Final = 100
_LONGEST: Final = 400
"""Characters of an id; longer ones are left out, as a message has room for one of each of its statements."""
_LARGEST_INDEX: Final = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Place:
    """A rejection of a source, by its batch and the statement's place in it."""

    batch_id: str
    index: int

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.index}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """A place as ``str`` writes it, None for anything else."""
        batch_id, _, index = text.rpartition("/")
        sound = batch_id and len(batch_id) <= _LONGEST and index.isascii() and index.isdigit() and int(index) <= _LARGEST_INDEX
        return cls(batch_id, int(index)) if sound else None


@dataclass(frozen=True, slots=True)
class About:
    """``answers``: earlier rejections that are settled once this statement stands on the log. ``event``, ``act_id`` and
    ``subject_id``: of a row that its connector refused, as far as they could be read; empty texts else."""

    answers: tuple[Place, ...] = ()
    event: str = ""
    act_id: str = ""
    subject_id: str = ""


NOTHING: Final = About()


def encode_about(abouts: Iterable[About]) -> bytes | None:
    """The header's value for the statements of a message in their order, None where nothing is said of any."""
    told = {str(at): _plain(one) for at, one in enumerate(abouts) if one != NOTHING}
    return orjson.dumps(told) if told else None


def _plain(one: About) -> dict[str, Any]:
    ids = {"event": one.event, "act_id": one.act_id, "subject_id": one.subject_id}
    told: dict[str, Any] = {name: text for name, text in ids.items() if text and len(text) <= _LONGEST}
    return told | ({"answers": list(map(str, one.answers[:_MOST_ANSWERS]))} if one.answers else {})


def decode_about(header: bytes | None) -> dict[int, About]:
    """What a header says, by place in the message. Anybody can write one: what makes no sense is left out."""
    if header is None:
        return {}
    try:
        told = orjson.loads(header)
    except orjson.JSONDecodeError:
        return {}
    given = told.items() if isinstance(told, dict) else ()
    return {int(at): _read(one) for at, one in given if at.isascii() and at.isdigit() and isinstance(one, dict)}


def _read(told: Mapping[str, Any]) -> About:
    answers = told.get("answers")
    texts = [one for one in answers if isinstance(one, str)] if isinstance(answers, list) else []
    places = tuple(place for text in texts[:_MOST_ANSWERS] if (place := Place.read(text)) is not None)
    return About(places, *(_text(told.get(name)) for name in ("event", "act_id", "subject_id")))


def _text(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= _LONGEST and value.isprintable() else ""
