"""What exists is documented: no name that a user can meet is missing."""

from __future__ import annotations

import click
import pytest

from connectors.files import shipped
from connectors.files.profile import CODE_ROLES
from connectors.files.roles import PERSON_ROLES
from connectors.settings import Settings
from console.main import main
from console.output import EXIT_CODES
from projections.admission.amounts import amounts_of
from projections.admission.entitlement import Source
from projections.admission.reasons import REASONS
from projections.duties.deadlines import deadlines_of
from projections.duties.fold import STATUSES
from projections.grades.beginnings import beginnings_of
from projections.grades.grades import grades_policy
from projections.lists.lists import lists_of
from projections.policy import packaged, packaged_texts
from projections.policy.authorities import authorities_of
from projections.views import catalogue_of_views
from schemas.catalogue import BY_NAME, KINDS
from schemas.irregularities import IRREGULARITIES
from schemas.registry import fields_of, header_fields
from streams.topics import partitions
from tests.docs.pages import DOCS, inline, page


def _rows(name: str) -> set[str]:
    """The first cells of the tables of a page, without back-quotes."""
    return {line.split("|")[1].strip().strip("`") for line in page(name).splitlines() if line.startswith("| ")}


def _section(name: str, heading: str) -> str:
    """The text under a heading of the third level."""
    return page(name).split(f"\n### {heading}\n", 1)[1].split("\n### ", 1)[0]


def test_views_with_columns_and_twins() -> None:
    for view in catalogue_of_views():
        section = _section("analysts", view.name)
        for column in view.columns:
            assert f"| `{column.name}` | `{column.type}` | {column.comment} |" in section, (view.name, column.name)
        assert (view.twin is None) or f"`{view.twin}(d = " in section


def test_events_with_fields() -> None:
    for name in BY_NAME:
        section = _section("events", name)
        missing = [field for field in fields_of(name) if f"| `{field}` |" not in section]
        assert not missing, (name, missing)
    assert all(f"| `{field}` |" in _section("events", "Header") for field in header_fields())


def test_kinds_of_acts() -> None:
    assert {kind for kind in KINDS if f"Makes an act of kind `{kind}`" not in page("events")} == set()


def test_rejection_reasons_in_their_order() -> None:
    table = page("departments").split("## 6.", 1)[1].split("## 7.", 1)[0]
    assert [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")] == list(REASONS)


def test_irregularities() -> None:
    assert set(IRREGULARITIES) <= _rows("auditors")


def test_statuses_of_duties() -> None:
    assert set(STATUSES) <= _rows("analysts")


@pytest.mark.parametrize("name", ["amounts", "deadlines", "lists", "authorities", "beginnings"])
def test_rows_of_policy_tables(name: str) -> None:
    policy = packaged()
    ids = {
        "amounts": {one.id for one in amounts_of(policy).rules},
        "deadlines": {one.id for one in deadlines_of(policy).rows},
        "lists": set(lists_of(policy).ids),
        "authorities": authorities_of(policy).ids,
        "beginnings": beginnings_of(policy),
    }
    assert ids[name] <= _rows("policies")


def test_rules_of_grades() -> None:
    for version in grades_policy(packaged()).versions:
        assert f"**Version {version.id}**" in page("policies")
        assert {rule.id for rules in version.rules.values() for rule in rules} <= _rows("policies")


def test_policy_tables() -> None:
    assert all(f"\n## {name}\n" in page("policies") for name in packaged_texts())


def test_settings_topics_and_exit_codes() -> None:
    rows = _rows("operations")
    assert {f"XINJI_{name.upper()}" for name in Settings.model_fields} <= rows
    assert set(partitions(["<source id>"])) <= rows
    assert {str(code) for code in EXIT_CODES} <= rows


def test_profiles_and_their_keys() -> None:
    assert set(shipped()) <= _rows("departments")
    assert {*CODE_ROLES, *PERSON_ROLES} <= inline(DOCS / "departments.md")


def test_keys_of_the_sources_file() -> None:
    assert set(Source.__dataclass_fields__) <= _rows("departments")


def _commands() -> list[tuple[str, click.Command]]:
    context = click.Context(main)
    found: list[tuple[str, click.Command]] = []
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        under = command.commands if isinstance(command, click.Group) else {}
        found += [(f"{name} {below}", one) for below, one in under.items()] or [(name, command)]
    return found


@pytest.mark.parametrize(("name", "command"), _commands(), ids=lambda one: one if isinstance(one, str) else "")
def test_commands_and_their_options(name: str, command: click.Command) -> None:
    assert f"`xinji {name}`" in page("operations")
    everywhere = "".join(page(one) for one in ("operations", "departments", "auditors", "analysts"))
    options = {one for parameter in command.params for one in parameter.opts if one.startswith("--")} - {"--limit"}
    assert {one for one in options if one not in everywhere} == set()
