"""Tables of the docs that are made from the code. ``python -m tests.docs.generated`` writes them into their pages.

A table stands between ``<!-- generated: name -->`` and ``<!-- end generated -->``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry

from connectors.files import load_profile, shipped
from connectors.settings import Settings
from console.configuration import flag, variable
from console.output import EXIT_CODES
from projections.policy import packaged_texts
from projections.views import catalogue_of_views
from schemas.catalogue import BY_NAME
from schemas.registry import fields_of, header_fields, header_source, source
from streams.metrics.log import described
from streams.metrics.workers import GateMetrics, ProjectorMetrics
from streams.projector.subjects import Subjects
from streams.topics import configuration, partitions
from tests.docs.messages import rows as rows_of_messages
from tests.docs.pages import DOCS, text_of

_MARKED: Final = re.compile(r"(?P<start><!-- generated: (?P<name>[\w-]+) -->\n).*?(?P<end><!-- end generated -->)", re.DOTALL)
_PLAIN_TYPES: Final = {"string": "text", "int": "whole number", "long": "whole number", "boolean": "true or false"}


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    def line(cells: Sequence[object]) -> str:
        return "| " + " | ".join(str(cell).replace("|", r"\|") for cell in cells) + " |"

    return "\n".join([line(head), line(["---"] * len(head)), *map(line, rows)]) + "\n"


def _code(value: object) -> str:
    return f"`{value}`"


def _views() -> str:
    parts = []
    for view in catalogue_of_views():
        twin = f"Any day: `{view.twin}(d = '2020-06-30')`." if view.twin else "It has no dated twin."
        rows = ((_code(one.name), _code(one.type), one.comment) for one in view.columns)
        parts.append(f"### {view.name}\n\n{view.comment}. {twin}\n\n{_table(('column', 'type', 'what'), rows)}")
    return "\n".join(parts)


def _type(schema: Any) -> str:
    if isinstance(schema, list):
        return _type(next(one for one in schema if one != "null"))
    if isinstance(schema, str):
        return _PLAIN_TYPES[schema]
    named = {"date": "date", "decimal": "amount (yuan)", "timestamp-millis": "time (UTC)"}.get(schema.get("logicalType", ""))
    if isinstance(schema.get("items"), dict):
        return f"list of {', '.join(field['name'] for field in schema['items']['fields'])}"
    return named or {"array": "list of texts", "map": "names and texts"}[schema["type"]]


def _field(name: str, schema: dict[str, Any]) -> tuple[str, str, str, str]:
    needed = "yes" if "default" not in schema else ""
    marks = [f"one of {', '.join(map(_code, schema['values']))}"] if "values" in schema else []
    marks += ["mentions a subject"] if schema.get("mention") else []
    marks += ["a person's pseudonym, never a number"] if schema.get("person") == "pseudonym" else []
    marks += [f"a mask, never a name, for {_code(schema['mask_of'])}"] if "mask_of" in schema else []
    marks += [f"not before {', '.join(map(_code, schema['not_before']))}"] if "not_before" in schema else []
    marks += [f"not for the public ({schema['openness']})"] if "openness" in schema else []
    if "required_if" in schema:
        marks += [f"required where {other} is {' or '.join(values)}" for other, values in schema["required_if"].items()]
    return _code(name), schema.get("unit") or _type(schema["type"]), needed, "; ".join([schema["doc"], *marks])


def _events() -> str:
    head = ("field", "type", "required", "what")
    parts = [f"### Header\n\n{header_source()['doc']}.\n\n{_table(head, (_field(*one) for one in header_fields().items()))}"]
    for one in BY_NAME.values():
        makes = f"Makes an act of kind `{one.kind}`." if one.kind else "A follow-up: `header.act_id` names the act it is about."
        makes += f" Of {', '.join(map(_code, sorted(one.about)))}." if one.about else ""
        makes += f" Not of {', '.join(map(_code, sorted(one.not_about)))}." if one.not_about else ""
        own = f" `{one.own_date}` equals `header.occurred_on`." if one.own_date else ""
        fields = ", ".join(map(_code, one.told_apart_by)) + (", as far as they are filled" if one.by_rule else "")
        apart = f" Without a document number, told apart by {fields}." if one.told_apart_by else ""
        rows = (_field(*field) for field in fields_of(one.name).items())
        doc = f"{source(one.name)['doc']}. Schema id {one.number}. {makes}{own}{apart}"
        parts.append(f"### {one.name}\n\n{doc}\n\n{_table(head, rows)}")
    return "\n".join(parts)


def _settings() -> str:
    return _table(
        ("variable", "option", "default", "what"),
        (
            (
                _code(variable(name)),
                _code(flag(name)),
                _code(one.default) if one.default not in (None, "") else "",
                one.description,
            )
            for name, one in Settings.model_fields.items()
        ),
    )


def _topics() -> str:
    shown = "<source id>"
    configured = configuration([shown], 3)
    return _table(
        ("topic", "partitions", "configuration (replication 3)"),
        (
            (_code(topic), count, ", ".join(f"`{key}={value}`" for key, value in configured[topic].items()))
            for topic, count in partitions([shown]).items()
        ),
    )


def _exit_codes() -> str:
    return _table(("code", "meaning"), ((code, meaning.both) for code, meaning in EXIT_CODES.items()))


def _profiles() -> str:
    loaded = [load_profile(name) for name in shipped()]
    return _table(
        ("profile", "what", "makes"),
        ((_code(one.name), one.title, _code(one.event) if one.event else "any event") for one in loaded),
    )


def _policy(name: str) -> dict[str, Any]:
    return tomllib.loads(packaged_texts()[name])


def _deadlines() -> str:
    return _table(
        ("id", "duty", "kinds", "authorities", "limit", "counted from", "fulfilled by", "legal basis"),
        (
            (
                _code(one["id"]),
                _code(one["duty"]),
                ", ".join(map(_code, one.get("kinds", ()))) or "any",
                _code(one["authority_class"]) if "authority_class" in one else "any",
                f"{one['amount']} {one['unit']} days",
                one["counted_from"],
                one["fulfilled_by"],
                one["legal_basis"],
            )
            for one in _policy("deadlines")["deadline"]
        ),
    )


def _lists() -> str:
    return _table(
        ("id", "list", "effect", "who may decide", "longest (months)", "notice due from", "legal basis", "certainty"),
        (
            (
                _code(one["id"]),
                one["name"],
                one["effect"],
                ", ".join(map(_code, one.get("authority_classes", ()))) or "any",
                one.get("longest_term_months", "none"),
                one.get("notice_due_from", "never"),
                one["legal_basis"],
                one["certainty"],
            )
            for one in _policy("lists")["list"]
        ),
    )


def _amounts() -> str:
    return _table(
        ("id", "fields", "most (yuan)", "basis", "certainty"),
        (
            (_code(one["id"]), ", ".join(map(_code, one["fields"])), f"{one['most_yuan']:,}", one["basis"], one["certainty"])
            for one in _policy("amounts")["amount"]
        ),
    )


def _authorities() -> str:
    return _table(
        ("class", "name", "name contains", "source"),
        ((_code(one["id"]), one["name"], _code(one["name_contains"]), one["source"]) for one in _policy("authorities")["class"]),
    )


def _grades() -> str:
    return "\n".join(map(_version, _policy("grades")["version"]))


def _version(one: dict[str, Any]) -> str:
    thresholds = "; ".join(f"{each['grade']} ({each['name']}) from {each['from']}" for each in one["threshold"])
    ceilings = "; ".join(f"on a {each['effect']} list at most {each['grade']}" for each in one["ceiling"])
    caps = {each["id"]: each["cap"] for each in one["group"]}
    rules = _table(
        ("rule", "group, cap", "event", "when", "points (months from–until)"),
        (
            (
                _code(each["id"]),
                f"{each['group']}, {caps[each['group']]}",
                _code(each["event"]),
                f"`{each['field']}` is {', '.join(map(_code, each['in']))}" if "field" in each else "always",
                "; ".join(f"{step['points']:+g} ({step['after_months']}–{step['until_months']})" for step in each["step"]),
            )
            for each in one["rule"]
        ),
    )
    head = f"**Version {one['id']}**: base {one['base']}; {thresholds}; {ceilings}. Source: {one['legal_basis']}."
    return f"{head}\n\n{rules}"


def _beginnings() -> str:
    return _table(
        ("kind", "legal basis", "certainty"),
        ((_code(one["id"]), one["legal_basis"], one["certainty"]) for one in _policy("beginnings")["kind"]),
    )


def _messages() -> str:
    return _table(
        ("what", "中文", "English", "exit code"),
        ((_code(one.code), _one_line(one.sentence.zh), _one_line(one.sentence.en), one.exit_code) for one in rows_of_messages()),
    )


def _one_line(text: str) -> str:
    return text.strip().replace("\n", " ")


def _metrics() -> str:
    return _table(
        ("metric", "type", "labels", "of", "what"),
        (
            (_code(told_name(one)), one.type, ", ".join(map(_code, labels)), worker, one.documentation)
            for worker, one, labels in metrics()
        ),
    )


def metrics() -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    """(worker, metric, its labels), in their order."""
    gate, projector = CollectorRegistry(), CollectorRegistry()
    GateMetrics(gate, lambda: 0).took({"admitted": 1}, 1)
    ProjectorMetrics(projector, Subjects(1)).projected((), {"act_rows": ()}, datetime.now(UTC))
    for worker, registry in (("gate", gate), ("projector", projector)):
        for one in registry.collect():
            yield worker, one, tuple(dict.fromkeys(name for sample in one.samples for name in sample.labels if name != "le"))
    for family in described().values():
        yield "projector", family, tuple(family._labelnames)


def told_name(one: Any) -> str:
    """A counter's samples end with ``_total``, which its family's name leaves out."""
    return f"{one.name}_total" if one.type == "counter" else str(one.name)


TABLES: Final[dict[str, Callable[[], str]]] = {
    "views": _views,
    "events": _events,
    "settings": _settings,
    "metrics": _metrics,
    "topics": _topics,
    "exit-codes": _exit_codes,
    "profiles": _profiles,
    "deadlines": _deadlines,
    "lists": _lists,
    "amounts": _amounts,
    "authorities": _authorities,
    "grades": _grades,
    "beginnings": _beginnings,
    "messages": _messages,
}


def rewritten(text: str) -> str:
    """A page's text with every generated table made anew. Raises KeyError for a table that nobody makes."""
    return _MARKED.sub(lambda found: f"{found['start']}\n{TABLES[found['name']]()}\n{found['end']}", text)


def names_in(text: str) -> list[str]:
    """The generated tables that a page holds."""
    return [found["name"] for found in _MARKED.finditer(text)]


def main() -> None:
    for page in sorted(DOCS.rglob("*.md")):
        _rewrite(page)


def _rewrite(page: Path) -> None:
    before = text_of(page)
    after = rewritten(before)
    if after != before:
        page.write_text(after, encoding="utf-8")
        print(f"wrote {page.name}")


if __name__ == "__main__":
    main()
