"""The vault: stable, secret, shared by processes, and forgetting for ever."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.persons import Pseudonyms
from connectors.vault import BadKey, ErasedPseudonym, UnknownPseudonym, Vault, VaultError, create_key, read_key
from schemas.identifiers import is_subject_id
from tests.connectors.files.builders import NOW, identity

NUMBER, NAME = identity(5), "欧阳若兰"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    create_key(tmp_path / "keys" / "vault.key")
    return tmp_path / "keys" / "vault.key"


def test_the_same_person_gets_the_same_pseudonym(tmp_path: Path, key: Path) -> None:
    with Vault.open(tmp_path / "vault.db", key) as vault:
        giver: Pseudonyms = vault
        first = giver.pseudonym("身份证", NUMBER, NAME, "test", NOW)
        assert is_subject_id(first)
        assert {
            vault.pseudonym(kind, f" {NUMBER[:6]} {NUMBER[6:]}".lower(), "", "test", NOW) for kind in ("居民身份证", "", "身份证")
        } == {first}
        assert vault.pseudonym("护照", "E12345678", NAME, "test", NOW) != first
        with pytest.raises(ValueError, match="number"):
            vault.pseudonym("护照", " ", NAME, "test", NOW)
    with Vault.open(tmp_path / "vault.db", key) as again:
        assert again.pseudonym("身份证", NUMBER, NAME, "test", NOW) == first
        person = again.reveal(first, "审计员", "objection 7", NOW)
        assert (person.document_type, person.number, person.name) == ("身份证", NUMBER, NAME)
        assert NUMBER not in repr(person) and NAME not in repr(person)


def test_erasing_cuts_the_link_for_ever(tmp_path: Path, key: Path) -> None:
    with Vault.open(tmp_path / "vault.db", key) as vault:
        first = vault.pseudonym("身份证", NUMBER, NAME, "test", NOW)
        vault.erase(first, "officer", "deletion request 3", NOW)
        with pytest.raises(ErasedPseudonym):
            vault.reveal(first, "officer", "curiosity", NOW)
        with pytest.raises(ErasedPseudonym):
            vault.erase(first, "officer", "twice", NOW)
        second = vault.pseudonym("身份证", NUMBER, NAME, "test", NOW)
        assert second != first
        with pytest.raises(UnknownPseudonym):
            vault.reveal("person:" + "NEVERGIVEN" * 3 + "AB", "officer", "x", NOW)


def test_the_access_log_says_who_when_why_and_what(tmp_path: Path, key: Path) -> None:
    with Vault.open(tmp_path / "vault.db", key, who="push") as vault:
        first = vault.pseudonym("身份证", NUMBER, NAME, "file a", NOW)
        for _ in range(3):
            vault.pseudonym("身份证", NUMBER, NAME, "file b", NOW)
        vault.reveal(first, "审计员", "case 9", NOW)
        vault.erase(first, "officer", "request", NOW)
        log = vault.accesses()
    assert [(one.who, one.purpose, one.action) for one in log] == [
        ("push", "file a", "create"),
        ("push", "file b", "use"),
        ("审计员", "case 9", "reveal"),
        ("officer", "request", "erase"),
    ]
    assert {one.pseudonym for one in log} == {first} and {one.at for one in log} == {NOW}


def test_the_file_says_nothing_without_its_key(tmp_path: Path, key: Path) -> None:
    path = tmp_path / "vault.db"
    with Vault.open(path, key) as vault:
        first = vault.pseudonym("身份证", NUMBER, NAME, "test", NOW)
        for wrong in (NUMBER, NAME, f"person:{NUMBER}"):
            with pytest.raises(VaultError) as caught:
                vault.reveal(wrong, "officer", "x", NOW) if wrong != NAME else vault.erase(wrong, "officer", "x", NOW)
            assert NAME not in str(caught.value)
    for one in tmp_path.rglob("vault.db*"):
        content = one.read_bytes()
        assert NUMBER.encode() not in content and NAME.encode() not in content
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(key.stat().st_mode) == 0o600
    create_key(tmp_path / "other.key")
    with pytest.raises(BadKey):
        Vault.open(path, tmp_path / "other.key")
    database = sqlite3.connect(path)
    database.execute("UPDATE entries SET sealed = zeroblob(40)")
    database.commit()
    database.close()
    with Vault.open(path, key) as vault, pytest.raises(VaultError, match="altered"):
        vault.reveal(first, "officer", "x", NOW)


def test_keys_and_files_that_are_none(tmp_path: Path, key: Path) -> None:
    with pytest.raises(FileExistsError):
        create_key(key)
    (tmp_path / "short.key").write_text("c2hvcnQ=")
    (tmp_path / "odd.key").write_text("nonsense!")
    for path in (tmp_path / "none.key", tmp_path / "short.key", tmp_path / "odd.key"):
        with pytest.raises(BadKey, match="XINJI_VAULT_KEY"):
            read_key(path)
    (tmp_path / "text.db").write_text("this is not a database, but a text of some length" * 50)
    with pytest.raises(VaultError, match="not a vault"):
        Vault.open(tmp_path / "text.db", key)
    with pytest.raises(VaultError):
        Vault.open(tmp_path, key)


def test_times_need_a_zone(tmp_path: Path, key: Path) -> None:
    with Vault.open(tmp_path / "vault.db", key) as vault:
        with pytest.raises(ValueError, match="zone"):
            vault.pseudonym("身份证", NUMBER, NAME, "test", NOW.replace(tzinfo=None))
        assert vault.accesses() == []


def test_together_is_all_or_nothing(tmp_path: Path, key: Path) -> None:
    with Vault.open(tmp_path / "vault.db", key) as vault, Vault.open(tmp_path / "vault.db", key) as other:
        with vault.together():
            given = [vault.pseudonym("护照", f"E{serial:08d}", NAME, "test", NOW) for serial in (1, 2, 1)]
            assert other.accesses() == []
        assert given[0] == given[2] != given[1]
        assert other.pseudonym("护照", "E00000002", NAME, "test", NOW) == given[1]

        def fail() -> None:
            with vault.together():
                vault.pseudonym("护照", "E00000003", NAME, "test", NOW)
                raise KeyError

        with pytest.raises(KeyError):
            fail()
        assert [one.action for one in vault.accesses()] == ["create", "create", "use"]


_WORKER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from connectors.vault import Vault
with Vault.open(Path(sys.argv[1]), Path(sys.argv[2])) as vault:
    for serial in range(40):
        print(serial, vault.pseudonym("护照", f"E{serial:08d}", "", "race", datetime.now(UTC)))
"""


def test_several_processes_agree(tmp_path: Path, key: Path) -> None:
    command = [sys.executable, "-c", _WORKER, str(tmp_path / "vault.db"), str(key)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(set(said)) == 1 and len(said[0].splitlines()) == 40
    with Vault.open(tmp_path / "vault.db", key) as vault:
        assert sum(one.action == "create" for one in vault.accesses()) == 40
        assert all(one.at > datetime(2020, 1, 1, tzinfo=UTC) for one in vault.accesses())
