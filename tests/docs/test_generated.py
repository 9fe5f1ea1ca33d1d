"""Tables that are made from the code stand in the docs as the code makes them now."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.generated import TABLES, names_in, rewritten
from tests.docs.pages import PAGES, ROOT, text_of


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_generated_tables_are_up_to_date(page: Path) -> None:
    text = text_of(page)
    assert rewritten(text) == text, "run: python -m tests.docs.generated"


def test_every_table_stands_on_one_page() -> None:
    assert sorted(name for page in PAGES for name in names_in(text_of(page))) == sorted(TABLES)
