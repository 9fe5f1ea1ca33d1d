"""Relative links lead somewhere; nothing of the machines where this was written stands in the pages."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT, anchors, links, text_of

ALLOWED_HOSTS = {"keepachangelog.com", "semver.org", "127.0.0.1", "host"}
MACHINE_PATH = re.compile(r"(?<![\w.<])/(?:work|tmp|root|home|Users|opt|mnt)/")

by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@by_page
def test_relative_links_resolve(page: Path) -> None:
    for target in links(page):
        if urlsplit(target).scheme:
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in anchors(found), f"{page.name}: {target}"


@by_page
def test_no_machine_path_and_no_foreign_host(page: Path) -> None:
    text = text_of(page)
    assert MACHINE_PATH.search(text) is None
    hosts = {urlsplit(url).hostname for url in re.findall(r"https?://[^\s)`'\"]+", text)}
    assert hosts <= ALLOWED_HOSTS


def test_every_page_is_linked_from_the_readme_or_a_linked_folder() -> None:
    linked = {(ROOT / target.split("#")[0]).resolve() for target in links(ROOT / "README.md")}
    unlinked = [page.name for page in PAGES[1:] if page not in linked and page.parent not in linked]
    reached = {(DOCS / target.split("#")[0]).resolve() for one in DOCS.glob("*.md") for target in links(one)}
    assert [name for name in unlinked if (DOCS / name).resolve() not in reached] == []


def test_user_pages_begin_with_a_chinese_summary() -> None:
    for page in DOCS.glob("*.md"):
        if page.name != "dependencies.md":
            assert text_of(page).split("\n\n")[1].startswith("**摘要**"), page.name


def test_decisions_are_numbered_and_have_their_headings() -> None:
    pages = sorted((DOCS / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = text_of(page)
        assert text.startswith(f"# {page.name[:4]} ")
        assert all(f"**{heading}.**" in text for heading in ("Context", "Decision", "Measured", "Consequences")), page.name
