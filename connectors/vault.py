"""The vault of pseudonyms: the one place where a natural person's document number stands (semantics, section 9).

A SQLite file. Each entry is sealed with AES-256-GCM; a keyed HMAC finds it again; both keys are derived from the key
file, without which the file says nothing. Several processes may use one vault at a time. The access log says who used
it, when, why and on which pseudonym, and holds no personal data.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import os
import re
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from connectors.persons import document_type as kept_type
from connectors.persons import normalise_number
from connectors.private import new_private
from schemas.sentence import Sentence, Told

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_PSEUDONYM: Final = re.compile(r"person:[A-Z2-7]{32}\Z")
_BUSY_SECONDS: Final = 60.0
_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS entries (pseudonym TEXT PRIMARY KEY, lookup BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS erased (pseudonym TEXT PRIMARY KEY, erased_at TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS accesses (at TEXT NOT NULL, who TEXT NOT NULL, purpose TEXT NOT NULL,"
    " action TEXT NOT NULL, pseudonym TEXT NOT NULL)",
)


class VaultError(Told, RuntimeError):
    """The vault cannot do what was asked; the message says what to do and holds no personal data."""


class BadKey(VaultError):
    """The key file is missing, no key, or not the key of this vault."""


class UnknownPseudonym(VaultError, LookupError):
    """The vault never gave this pseudonym."""

    says = Sentence(
        "本化名库从未给出 {pseudonym}；请到给出它的化名库查询",
        "the vault never gave {pseudonym}: ask the vault of the place where it was given",
    )

    def __init__(self, pseudonym: str) -> None:
        self.pseudonym = pseudonym
        super().__init__(pseudonym=pseudonym)


class ErasedPseudonym(VaultError, LookupError):
    """The entry was erased; nobody can say any more whom the pseudonym named."""

    says = Sentence(
        "{pseudonym} 已于 {erased_at} 删除，对应关系不可恢复",
        "{pseudonym} was erased on {erased_at}; the link is cut for ever",
    )

    def __init__(self, pseudonym: str, erased_at: str) -> None:
        self.pseudonym, self.erased_at = pseudonym, erased_at
        super().__init__(pseudonym=pseudonym, erased_at=erased_at)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a pseudonym names. Its repr shows nothing."""

    document_type: str = field(repr=False)
    number: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Access:
    """One line of the access log. ``at`` is UTC; action: create, use, reveal or erase."""

    at: datetime
    who: str
    purpose: str
    action: str
    pseudonym: str


def create_key(path: Path) -> None:
    """Write a new random key to a file that only its owner may read. Raises FileExistsError: a key is never overwritten."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with new_private(path) as file:
        file.write(base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_key(path: Path) -> bytes:
    """The key in a file made by create_key. Raises BadKey."""
    try:
        key = base64.b64decode(path.read_bytes().strip(), altchars=b"-_", validate=True)
    except FileNotFoundError:
        none = Sentence(
            "没有密钥文件 {path}：请将 XINJI_VAULT_KEY 设为化名库的密钥文件，或新建一个",
            "no key file {path}: set XINJI_VAULT_KEY to the vault's key, or create one",
        )
        raise BadKey(said=none.of(path=path)) from None
    except (OSError, binascii.Error):
        unread = Sentence(
            "{path} 不能作为化名库密钥读取：请将 XINJI_VAULT_KEY 设为建库时生成的文件",
            "{path} cannot be read as a vault key: set XINJI_VAULT_KEY to the file that was created with the vault",
        )
        raise BadKey(said=unread.of(path=path)) from None
    if len(key) != _KEY_BYTES:
        no_key = Sentence(
            "{path} 不是化名库密钥（应为 URL-safe base64 的 {bytes} 字节）：请将 XINJI_VAULT_KEY 设为正确的文件",
            "{path} is no vault key ({bytes} bytes in URL-safe base64): set XINJI_VAULT_KEY to the right file",
        )
        raise BadKey(said=no_key.of(path=path, bytes=_KEY_BYTES))
    return key


def _derived(key: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=b"xinji vault " + use).derive(key)


class Vault:
    """Pseudonyms for (document type, number). Safe for several threads and processes; close it, or use it in ``with``."""

    def __init__(self, path: Path, key: bytes, who: str = "connector") -> None:
        """Open or create the vault. ``who`` stands in the access log for pseudonyms given. Raises BadKey, VaultError."""
        self._seal, self._mac = AESGCM(_derived(key, b"seal")), _derived(key, b"look-up")
        self._who, self._lock = who, threading.RLock()
        self._used: set[tuple[str, str]] = set()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as problem:
            closed = Sentence(
                "无法打开化名库 {path}（{kind}）：请检查 XINJI_VAULT 及其权限",
                "the vault {path} cannot be opened ({kind}): check XINJI_VAULT and its rights",
            )
            raise VaultError(said=closed.of(path=path, kind=type(problem).__name__)) from problem
        try:
            self._prepare(path)
        except BaseException:
            self._db.close()
            raise

    def _prepare(self, path: Path) -> None:
        mark = hmac.digest(self._mac, b"this vault", "sha256")
        try:
            self._db.execute("PRAGMA secure_delete=ON")
            with self._writing():
                for table in _TABLES:
                    self._db.execute(table)
                self._db.execute("INSERT OR IGNORE INTO meta VALUES ('key', ?)", (mark,))
                stored = self._db.execute("SELECT value FROM meta WHERE name = 'key'").fetchall()[0][0]
        except sqlite3.DatabaseError as problem:
            no_vault = Sentence(
                "{path} 不是化名库（{kind}）：请检查 XINJI_VAULT", "{path} is not a vault ({kind}): check XINJI_VAULT"
            )
            raise VaultError(said=no_vault.of(path=path, kind=type(problem).__name__)) from problem
        if not hmac.compare_digest(stored, mark):
            other = Sentence(
                "密钥与化名库 {path} 不符：请将 XINJI_VAULT_KEY 设为建库时的密钥",
                "the key does not belong to the vault {path}: set XINJI_VAULT_KEY to the key it was created with",
            )
            raise BadKey(said=other.of(path=path))

    @classmethod
    def open(cls, path: Path, key_file: Path, who: str = "connector") -> Self:
        """The vault at ``path`` with the key in ``key_file``. Raises BadKey, VaultError."""
        return cls(path, read_key(key_file), who)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()

    def pseudonym(self, document_type: str, number: str, name: str, purpose: str, now: datetime) -> str:
        """``person:`` and 32 random characters, the same for the same type and number until the entry is erased.

        ``now`` is aware. Logged once per pseudonym and purpose of this object. Raises ValueError for an empty number.
        """
        kind, given = kept_type(document_type, number), normalise_number(number)
        if not given:
            raise ValueError("a pseudonym needs a document number")
        lookup = hmac.digest(self._mac, f"{kind}\x00{given}".encode(), "sha256")
        with self._lock:
            found = self._find(lookup)
            if found is None:
                found = self._create(lookup, Person(kind, given, name), purpose, now)
            elif (found, purpose) not in self._used:
                with self._writing():
                    self._log(now, self._who, purpose, "use", found)
            self._used.add((found, purpose))
            return found

    @contextmanager
    def together(self) -> Iterator[None]:
        """One transaction around many pseudonyms: one write to disk instead of one for each new person.

        None of them may be used before the block ends; should it fail, none was given. Other processes wait meanwhile.
        """
        with self._lock, self._writing():
            yield

    def reveal(self, pseudonym: str, who: str, purpose: str, now: datetime) -> Person:
        """Whom a pseudonym names; the access is logged first. ``now`` is aware. Raises UnknownPseudonym, ErasedPseudonym."""
        _checked(pseudonym)
        with self._lock:
            with self._writing():
                self._log(now, who, purpose, "reveal", pseudonym)
            rows = self._db.execute("SELECT sealed FROM entries WHERE pseudonym = ?", (pseudonym,)).fetchall()
            if not rows:
                raise self._absent(pseudonym)
            return self._opened(pseudonym, rows[0][0])

    def erase(self, pseudonym: str, who: str, purpose: str, now: datetime) -> None:
        """Cut the link for ever: the entry is overwritten, and the same number gets a new pseudonym from now on.

        ``now`` is aware. Raises UnknownPseudonym, ErasedPseudonym.
        """
        _checked(pseudonym)
        with self._lock, self._writing():
            done = self._db.execute("DELETE FROM entries WHERE pseudonym = ?", (pseudonym,)).rowcount
            if not done:
                raise self._absent(pseudonym)
            self._db.execute("INSERT INTO erased VALUES (?, ?)", (pseudonym, _utc(now)))
            self._log(now, who, purpose, "erase", pseudonym)

    def accesses(self) -> list[Access]:
        """The access log in order."""
        with self._lock:
            rows = self._db.execute("SELECT at, who, purpose, action, pseudonym FROM accesses ORDER BY rowid").fetchall()
        return [Access(datetime.fromisoformat(at), *rest) for at, *rest in rows]

    def _find(self, lookup: bytes) -> str | None:
        rows = self._db.execute("SELECT pseudonym FROM entries WHERE lookup = ?", (lookup,)).fetchall()
        return str(rows[0][0]) if rows else None

    def _create(self, lookup: bytes, person: Person, purpose: str, now: datetime) -> str:
        with self._writing():
            found = self._find(lookup)  # another process may have come first
            if found is None:
                found = "person:" + base64.b32encode(secrets.token_bytes(20)).decode()
                self._db.execute("INSERT INTO entries VALUES (?, ?, ?)", (found, lookup, self._sealed(found, person)))
                self._log(now, self._who, purpose, "create", found)
            else:
                self._log(now, self._who, purpose, "use", found)
        return found

    def _sealed(self, pseudonym: str, person: Person) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        plain = json.dumps([person.document_type, person.number, person.name], ensure_ascii=False).encode()
        return nonce + self._seal.encrypt(nonce, plain, pseudonym.encode())

    def _opened(self, pseudonym: str, sealed: bytes) -> Person:
        try:
            plain = self._seal.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], pseudonym.encode())
        except InvalidTag:
            altered = Sentence(
                "{pseudonym} 的条目被改动过：请从备份恢复化名库",
                "the entry of {pseudonym} was altered: restore the vault from a backup",
            )
            raise VaultError(said=altered.of(pseudonym=pseudonym)) from None
        return Person(*json.loads(plain))

    def _absent(self, pseudonym: str) -> UnknownPseudonym | ErasedPseudonym:
        rows = self._db.execute("SELECT erased_at FROM erased WHERE pseudonym = ?", (pseudonym,)).fetchall()
        return ErasedPseudonym(pseudonym, rows[0][0]) if rows else UnknownPseudonym(pseudonym)

    def _log(self, now: datetime, who: str, purpose: str, action: str, pseudonym: str) -> None:
        self._db.execute("INSERT INTO accesses VALUES (?, ?, ?, ?, ?)", (_utc(now), who, purpose, action, pseudonym))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if self._db.in_transaction:  # inside together()
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            self._used.clear()
            raise
        self._db.execute("COMMIT")


def _checked(pseudonym: str) -> None:
    """Whatever else was passed by mistake, a document number say, gets neither into the log nor into a message."""
    if not _PSEUDONYM.match(pseudonym):
        no_pseudonym = Sentence(
            "不是化名库给出的化名：请给出主体标识，即 person: 加 32 个字符",
            "that is no pseudonym of a vault: pass the subject id, person: and 32 characters",
        )
        raise VaultError(said=no_pseudonym)


def _utc(now: datetime) -> str:
    if now.tzinfo is None:
        raise ValueError("the time has no zone: pass an aware datetime")
    return now.astimezone(UTC).isoformat(timespec="milliseconds")
