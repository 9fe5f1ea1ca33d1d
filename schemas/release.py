"""The tool that releases schemas: ``python -m schemas.release`` in the repository.

For every event, and for the submission batch, whose ``schema.avsc`` isn't released yet, it checks that the schema keeps the
rules of the house and reads every released version, and then writes into the folder's ``released/`` the schema by itself
(the header inlined), golden bytes of a full and of a minimal value, and what decoding them gives (with the content digest,
on which event ids and duplicates rest); ``released/PINNED`` there gets a line. What is released is never written again: a
log somewhere holds its bytes. The full value is the folder's ``sample.json``.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from schemas import compat, contract, folders, registry, wire
from schemas.catalogue import BY_NAME
from schemas.registry import BATCH, Schema
from schemas.sentence import Sentence, Told

NAMES: Final = (*BY_NAME, BATCH)
"""Everything that is released: the events in the order of the catalogue, and the submission batch."""

_STATED: Final = frozenset({"act_id", "subject_id", "subject_name", "authority_id", "authority_name", "source_id", "source_name"})
_TITLE: Final = "# number name version fingerprint sha256-of-its-files; python -m schemas.release adds lines, nobody changes them\n"


class NotReleasable(Told, ValueError):
    """A schema cannot be released as it stands. ``advice`` says what to do first."""

    says = Sentence(
        "{name} 不能发布：{advice}",
        "{name} cannot be released: {advice}",
    )

    def __init__(self, name: str, advice: str) -> None:
        self.name, self.advice = name, advice
        super().__init__(name=name, advice=advice)


@dataclass(frozen=True, slots=True)
class Pin:
    """A line of ``PINNED``: one released version, counted from 1. ``digest`` is the SHA-256 over its files."""

    number: int
    name: str
    version: int
    fingerprint: str
    digest: str

    @property
    def stem(self) -> str:
        """How the names of this version's files begin."""
        return self.fingerprint[:16]


def pins() -> tuple[Pin, ...]:
    """Every released version, as pinned; nothing before the first release."""
    return tuple(pin for name in NAMES for pin in _pinned(name))


def _pinned(name: str) -> list[Pin]:
    return [Pin(int(number), named, int(version), *rest) for number, named, version, *rest in folders.read_pinned(name)]


def source(name: str) -> Schema:
    """The current schema of an event or of the batch, as written."""
    return registry.batch_source() if name == BATCH else registry.source(name)


def number(name: str) -> int:
    """The id in the wire format under which a value of this name is framed today."""
    return registry.BATCH_NUMBER if name == BATCH else BY_NAME[name].number


def decode(name: str, value: bytes, fingerprint: str) -> dict[str, Any]:
    """What today's code reads from framed bytes; raises wire.Undecodable."""
    if name == BATCH:
        return wire.decode_batch(value) or {}
    return wire.decode(value, fingerprint)[1]


def files_of(pin: Pin, folder: Traversable) -> dict[str, bytes]:
    """The files of one released version in a folder ``released``, in the order of their names."""
    entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return {entry.name: entry.read_bytes() for entry in entries if entry.name.startswith(f"{pin.stem}.")}


def digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 (hex) over names and bytes of files."""
    told = hashlib.sha256()
    for name, content in sorted(files.items()):
        told.update(f"{name}\x00{len(content)}\x00".encode() + content)
    return told.hexdigest()


def plain(value: Any) -> Any:
    """A decoded value as JSON: days and times in ISO 8601 (UTC, milliseconds, Z), decimals as text, bytes in hex."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case bytes():
            return value.hex()
        case Mapping():
            return {key: plain(each) for key, each in value.items()}
        case list():
            return [plain(each) for each in value]
        case _:
            return value


def typed(schema: Any, value: Any) -> Any:
    """The value that ``plain`` shows in this way, by its schema; raises ValueError for text that is no such value."""
    if isinstance(schema, list):
        return None if value is None else typed(next(branch for branch in schema if branch != "null"), value)
    if not isinstance(schema, Mapping):
        return bytes.fromhex(value) if schema == "bytes" else value
    match schema.get("logicalType") or schema["type"]:
        case "date":
            return date.fromisoformat(value)
        case "timestamp-millis":
            return datetime.fromisoformat(value)
        case "decimal":
            return Decimal(value)
        case "record":
            kinds = {field["name"]: field["type"] for field in schema["fields"]}
            return {name: typed(kinds.get(name), each) for name, each in value.items()}
        case "array":
            return [typed(schema["items"], each) for each in value]
        case "map":
            return {key: typed(schema["values"], each) for key, each in value.items()}
        case nested:
            return typed(nested, value)


def full(name: str) -> dict[str, Any]:
    """The sample of a full value; raises NotReleasable where it leaves a field out, null or empty."""
    sample: dict[str, Any] = typed(source(name), folders.read_sample(name))
    missing = list(_missing("", source(name), sample))
    if missing:
        raise NotReleasable(name, f"write a value for {', '.join(missing)} into schemas/{folders.place_of(name)}/{folders.SAMPLE}")
    return sample


def _missing(path: str, schema: Schema, sample: Mapping[str, Any]) -> Iterator[str]:
    for field in schema["fields"]:
        value = sample.get(field["name"])
        if value in (None, "", [], {}):
            yield f"{path}{field['name']}"
        elif isinstance(field["type"], dict) and field["type"]["type"] == "record":
            yield from _missing(f"{path}{field['name']}.", field["type"], value)


def minimal(name: str) -> dict[str, Any]:
    """The full sample with only what a statement cannot do without: fields that have no default, and whom it is about."""
    return _minimal(source(name), full(name))


def _minimal(schema: Schema, sample: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for field in schema["fields"]:
        name, kind = field["name"], field["type"]
        if isinstance(kind, dict) and kind["type"] == "record":
            kept[name] = _minimal(kind, sample[name])
        elif "default" not in field or (schema["name"] == "Header" and name in _STATED):
            kept[name] = type(sample[name])() if isinstance(sample[name], list | dict) else sample[name]
    return kept


def new_version(name: str, known: Iterable[Pin]) -> tuple[Pin, dict[str, bytes]] | None:
    """The pin and files of a schema that isn't released yet, None where it is. Raises NotReleasable, contract.Broken
    where it breaks a rule of the house, and compat.Incompatible where it cannot read a released version."""
    schema, earlier = source(name), [pin for pin in known if pin.name == name]
    fingerprint = registry.schema_fingerprint(schema)
    compat.check(name, schema, registry.released(name).values())
    contract.check(name, schema)
    if any(pin.fingerprint == fingerprint for pin in earlier):
        return None
    if name == BATCH and any(pin.number == number(name) for pin in earlier):
        raise NotReleasable(
            name,
            "a batch travels without a fingerprint, so a changed one needs a number of its own in its schema.avsc, "
            "and wire.decode_batch has to read the old number with the old schema",
        )
    files = _files(name, schema, fingerprint, len(earlier) + 1)
    return Pin(number(name), name, len(earlier) + 1, fingerprint, digest(files)), files


def _files(name: str, schema: Schema, fingerprint: str, version: int) -> dict[str, bytes]:
    expected: dict[str, Any] = {"name": name, "number": number(name), "version": version, "fingerprint": fingerprint}
    files = {f"{fingerprint[:16]}.avsc": _json(schema)}
    for kind, sample in (("full", full(name)), ("minimal", minimal(name))):
        value = wire.encode_batch(sample) if name == BATCH else wire.encode(name, sample)
        files[f"{fingerprint[:16]}.{kind}.bin"] = value
        expected[kind] = plain(decode(name, value, fingerprint))
        if name != BATCH:
            expected[f"{kind}_content_digest"] = wire.content_digest(name, sample)
    return {**files, f"{fingerprint[:16]}.json": _json(expected)}


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def release(package: Path) -> list[Pin]:
    """Releases into the folders of ``package`` what isn't released yet, all or nothing. Raises as ``new_version`` does."""
    known = pins()
    added = [version for name in NAMES if (version := new_version(name, known)) is not None]
    for pin, files in added:
        folder = package / folders.place_of(pin.name) / folders.RELEASED
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        pinned = folder / folders.PINNED
        before = pinned.read_text(encoding="utf-8") if pinned.is_file() else _TITLE
        line = f"{pin.number} {pin.name} {pin.version} {pin.fingerprint} {pin.digest}\n"
        pinned.write_text(before + line, encoding="utf-8")
    return [pin for pin, _ in added]


def main() -> int:
    """Releases into the package that this file is in and says what it did; 1 where a schema cannot be released."""
    try:
        added = release(Path(__file__).resolve().parent)
    except (NotReleasable, contract.Broken, compat.Incompatible) as problem:
        print(problem, file=sys.stderr)
        return 1
    for pin in added:
        print(f"released {pin.name} version {pin.version}: {pin.fingerprint}")
    print(f"{len(added)} released now; commit their folders" if added else "every schema is released already")
    return 0


if __name__ == "__main__":
    sys.exit(main())
