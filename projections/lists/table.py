"""The table of entries on lists, and its index by responsible person."""

from __future__ import annotations

from typing import Final

from projections.tables import SubjectTable

ENTRY: Final = (
    "entry_id", "list", "list_name", "effect", "subject_name", "authority_id", "authority_name", "source_id", "listed_from",
    "listed_to", "end_reason", "reason", "irregularities", "evidence", "legal_basis",
)  # fmt: skip
"""What the rows say of an entry."""

TABLES: Final = (
    SubjectTable("list_rows", "名单条目 / entries on lists", arrays={"entries": ENTRY}),
    SubjectTable(
        "responsible_rows",
        "名单条目（按责任人） / entries on lists by responsible person",
        key=("person_id", "subject_id"),
        arrays={"entries": ENTRY},
    ),
)
