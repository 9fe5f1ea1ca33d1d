"""A required field that no column of a file, no constant of its profile and no ``--set`` gives: no row of it can be admitted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from connectors.files.context import Context
from connectors.files.errors import FileError
from connectors.files.plan import plan_for
from connectors.files.profile import Profile, required_fields
from connectors.files.rows import Row
from schemas.catalogue import BY_NAME
from schemas.sentence import Sentence

_AUTHORITY: Final = ("authority_name", "authority_id")


class FieldLacking(FileError):
    """No row of a file has the required ``field``; ``columns``: the profile's names for it."""

    says = Sentence(
        "{file}：没有必填字段 {field}，各行都会被退回，因此未发送；请加 --set {field}=…，或补上一列{columns}",
        "{file}: the required field {field} is nowhere, so every row would be refused, and nothing was sent; give "
        "--set {field}=…, or add a column{columns}",
    )

    def __init__(self, file: str, field: str, columns: tuple[str, ...]) -> None:
        self.file, self.field, self.columns = file, field, columns
        super().__init__(file=file, field=field, columns=f" {columns[0]}" if columns else "")


def demand_fields(file: str, profile: Profile, row: Row, context: Context) -> None:
    """Raises FieldLacking for the first required field that rows under this header cannot have."""
    if profile.event is not None and (field := next(lacking(profile, tuple(row.cells), context.given[profile.event]), "")):
        raise FieldLacking(file, field, profile.written.get(f"fields.{field}", ()))


def lacking(profile: Profile, headers: tuple[str, ...], given: Iterable[str] = ()) -> Iterator[str]:
    """Required fields that neither a column of these nor a constant nor ``given`` fills."""
    assert profile.event is not None
    there = {*plan_for(profile, headers).by_name, *profile.constants, *given}
    own_date = BY_NAME[profile.event].own_date
    if there.isdisjoint({"occurred_on", own_date or "occurred_on"}):
        yield own_date or "occurred_on"
    for field in required_fields(profile.event):
        if field not in there and field not in ("occurred_on", own_date):
            yield field
    if there.isdisjoint(_AUTHORITY):
        yield _AUTHORITY[0]
