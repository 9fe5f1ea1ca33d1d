"""Who may do what on the embedded engine. The engine itself holds everybody to it: each connection takes on a role.

- ``owner``: the product's own parts and commands. Everything but what reaches beyond the tables: no files, no network, no
  other engines than those of our tables. Known by the secret of the data directory.
- ``auditor``: reads every table. Known by the secret, too; ``xinji sql`` is one.
- ``reader``: whoever knows no secret, such as other users of this machine: reads the views, within limits.

The engine knows one user, so a role is set anew on every connection, and the front passes no statement on that would set
another (decision 0025).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from clickhouse_connect.driver.binding import quote_identifier

SECRET: Final = "engine.secret"
"""The file in the data directory; readable by its owner only."""
_CONFIGURATION: Final = "engine-access.xml"
_USERS: Final = "engine-users.xml"
_OWNER: Final = (
    "GRANT SHOW, SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, CREATE TEMPORARY TABLE, DROP DATABASE, "
    "DROP TABLE, DROP VIEW, TRUNCATE, OPTIMIZE, KILL QUERY, SYSTEM ON *.*",
    "GRANT TABLE ENGINE ON MergeTree, TABLE ENGINE ON ReplacingMergeTree, TABLE ENGINE ON View, TABLE ENGINE ON Memory, "
    "TABLE ENGINE ON MaterializedView",
    "GRANT SET DEFINER ON default",
)
_AUDITOR: Final = ("GRANT SHOW, SELECT ON *.*",)
_CONFIGURATION_TEXT: Final = "<clickhouse><users_config>{users}</users_config></clickhouse>\n"
_USERS_TEXT: Final = """<clickhouse>
<profiles><default/></profiles>
<quotas><default/></quotas>
<roles>
{roles}
</roles>
<users><default>
<password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
<grants><query>GRANT {names}</query></grants>
</default></users>
</clickhouse>
"""


_SETTINGS: Final = frozenset(
    {
        "additional_result_filter",
        "date_time_output_format",
        "extremes",
        "final",
        "group_by_overflow_mode",
        "join_use_nulls",
        "limit",
        "log_comment",
        "max_block_size",
        "max_bytes_to_read",
        "max_execution_time",
        "max_memory_usage",
        "max_result_bytes",
        "max_result_rows",
        "max_rows_to_group_by",
        "max_rows_to_read",
        "max_threads",
        "offset",
        "prefer_column_name_to_alias",
        "read_overflow_mode",
        "readonly",
        "result_overflow_mode",
        "session_timezone",
        "timeout_overflow_mode",
    }
)
_OUTPUT: Final = "output_format_"
_WRITES_A_FILE: Final = "output_format_schema"


def may_be_set(setting: str) -> bool:
    """Whether who does not own the data may give a setting. Some of the others name files that the engine reads
    (``format_template_row``) or writes (``output_format_schema``), or addresses that it asks."""
    return setting in _SETTINGS or (setting.startswith(_OUTPUT) and setting != _WRITES_A_FILE)


class Role(StrEnum):
    """What a caller is to the engine."""

    OWNER = "owner"
    AUDITOR = "auditor"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query of a reader may take: seconds, and megabytes of memory."""

    seconds: int = 60
    megabytes: int = 2_000

    def bound(self, given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """Settings of a request within the limits. ``readonly`` makes them final: no statement can change them."""
        largest = {"max_execution_time": self.seconds, "max_memory_usage": self.megabytes * 1_000_000}
        bound = {name: _at_most(given.get(name, ""), most) for name, most in largest.items()}
        return tuple(sorted({**given, **bound, "readonly": "1"}.items()))


def _at_most(given: str, most: int) -> str:
    return given if given.isascii() and given.isdecimal() and 0 < int(given) <= most else str(most)


@dataclass(frozen=True, slots=True)
class Views:
    """What readers may see."""

    database: str
    names: tuple[str, ...]


class Access:
    """The secret by which callers are told apart, and what readers may take. Without a secret everybody is the owner."""

    def __init__(self, secret: str, limits: Limits, views: Views) -> None:
        self._secret, self.limits, self.views = secret.encode(), limits, views

    def database_of(self, role: Role) -> str:
        """The database of a caller who names none: readers ask the views."""
        return self.views.database if role is Role.READER else ""

    def role_of(self, user: str, password: str) -> Role | None:
        """The role of a caller; None where the password is wrong. A user named ``auditor`` is one."""
        if not self._secret:
            return Role.OWNER
        if not password:
            return Role.READER
        if not hmac.compare_digest(password.encode(), self._secret):
            return None
        return Role.AUDITOR if user == Role.AUDITOR else Role.OWNER


def write_configuration(directory: Path, views: Views) -> Path:
    """Writes the engine's roles into its directory; returns the file with which it is opened."""
    shown = ", ".join(f"SELECT, SHOW ON {quote_identifier(views.database)}.{quote_identifier(view)}" for view in views.names)
    grants: Mapping[Role, Iterable[str]] = {
        Role.OWNER: _OWNER,
        Role.AUDITOR: _AUDITOR,
        Role.READER: [f"GRANT {shown}"] if shown else [],
    }
    roles = "\n".join(
        f"<{role}><grants>{''.join(f'<query>{escape(one)}</query>' for one in granted)}</grants></{role}>"
        for role, granted in grants.items()
    )
    users, configuration = directory / _USERS, directory / _CONFIGURATION
    users.write_text(_USERS_TEXT.format(roles=roles, names=", ".join(grants)), encoding="utf-8")
    configuration.write_text(_CONFIGURATION_TEXT.format(users=escape(str(users.absolute()))), encoding="utf-8")
    return configuration
