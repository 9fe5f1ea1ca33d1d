"""The table of entries on lists, and its index by responsible person."""

from __future__ import annotations

from typing import Final

from projections.facts import SubjectFold
from projections.lists.facts import plain_facts
from projections.lists.rows import ENTRY
from projections.lists.state import Listed
from projections.tables import SubjectTable

TABLES: Final = (
    SubjectTable("list_rows", "名单条目 / entries on lists", arrays={"entries": ENTRY}),
    SubjectTable(
        "responsible_rows",
        "名单条目（按责任人） / entries on lists by responsible person",
        key=("person_id", "subject_id"),
        arrays={"entries": ENTRY},
    ),
)
SUBJECT: Final = SubjectFold(plain_facts, Listed)
