"""Finding subjects by name, in the projection that keeps their names over time."""

from __future__ import annotations

from typing import Final, NamedTuple

from clickhouse_connect.driver.binding import quote_identifier
from clickhouse_connect.driver.client import Client

from connectors.clickhouse.errors import translated


class FoundSubject(NamedTuple):
    """A subject by one of its names. ``name`` is the latest; ``names`` are all, the earliest first; ``jurisdiction`` is that of
    its latest act which states one, empty where none does (GB/T 2260)."""

    subject_id: str
    name: str
    kind: str
    jurisdiction: str
    names: tuple[str, ...]


_SAME: Final = "replaceRegexpAll(lowerUTF8(normalizeUTF8NFKC({0})), '\\\\s', '')"
"""Full-width letters and brackets are what the narrow ones are, and spaces are nothing."""
_FIND: Final = """
SELECT subject_id, if(empty(called), name, called[-1]) AS latest, kind, place, called
FROM (
    SELECT subject_id, name, kind, `names.called` AS called, arrayMap(one -> {one}, arrayConcat(called, [name])) AS plain
    FROM {rows}.subject_rows FINAL
    WHERE NOT startsWith(subject_id, 'person:') AND kind != 'natural_person'
      AND arrayExists(one -> position(one, {wanted}) > 0, plain)
) AS found
LEFT JOIN (
    SELECT subject_id, argMaxIf(jurisdiction, (occurred_on, act_id), jurisdiction != '') AS place
    FROM {rows}.act_rows FINAL GROUP BY subject_id
) AS placed USING subject_id
ORDER BY NOT has(plain, {wanted}), lengthUTF8(latest), subject_id
LIMIT {{most:UInt32}}
"""


def find_subjects(client: Client, rows: str, name: str, most: int) -> list[FoundSubject]:
    """At most ``most`` subjects that have or had a name with this text in it, the nearest first; ``rows`` is the database of a
    generation. Natural persons are never found by name. Raises the errors of connectors.clickhouse.errors."""
    query = _FIND.format(rows=quote_identifier(rows), one=_SAME.format("one"), wanted=_SAME.format("{name:String}"))
    with translated(client.uri):
        found = client.query(query, parameters={"name": name, "most": most})
    return [FoundSubject(one, latest, kind, place, tuple(called)) for one, latest, kind, place, called in found.result_rows]
