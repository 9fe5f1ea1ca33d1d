"""The file of registered sources, and the key of the rejections."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.sealing import KeyProblem, Sealer
from streams.sources import DEFAULT, SourcesError, load_sources, parse_sources


def test_default_may_push_everything() -> None:
    assert load_sources(None)["local"].on_behalf
    assert parse_sources(DEFAULT, "x") == load_sources(None)


def test_reads_a_file(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(
        '[[source]]\nid = "11330100002489559G"\nname = "某局"\nkinds = ["licence"]\nauthorities = ["*某局"]\n', encoding="utf-8"
    )
    source = load_sources(file)["11330100002489559G"]
    assert (source.kinds, source.authorities, source.on_behalf) == (frozenset({"licence"}), ("*某局",), False)


ENTRY = 'id = "a"\nname = "甲"\nkinds = ["*"]\nauthorities = ["*"]\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = ", "not TOML"),
        ("", "registers no source"),
        ("other = 1\n[[source]]\n" + ENTRY, "unknown 'other'"),
        ("[[source]]\n" + ENTRY.replace('"a"', '"a/b"'), "topic name"),
        ("[[source]]\n" + ENTRY.replace('"甲"', '" "'), "name is missing"),
        ("[[source]]\n" + ENTRY.replace('kinds = ["*"]', 'kinds = ["licences"]'), "unknown kind 'licences'"),
        ("[[source]]\n" + ENTRY.replace('kinds = ["*"]', "kinds = []"), "kinds is a list"),
        ("[[source]]\n" + ENTRY + "on_behalf = 1\n", "on_behalf"),
        ("[[source]]\n" + ENTRY + "more = 1\n", "unknown field 'more'"),
        (("[[source]]\n" + ENTRY) * 2, "registered twice"),
    ],
)
def test_a_wrong_file_is_told(text: str, expected: str) -> None:
    with pytest.raises(SourcesError, match=expected) as told:
        parse_sources(text, "sources.toml")
    assert "sources.toml" in str(told.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourcesError, match="XINJI_SOURCES"):
        load_sources(tmp_path / "none.toml")


def test_key_files(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "rejections.key"
    with pytest.raises(KeyProblem, match="cannot be read"):
        Sealer.from_file(path)
    sealed = Sealer.create_or_open(path).seal(b"x")
    assert Sealer.create_or_open(path).unseal(sealed) == b"x"
    assert path.stat().st_mode & 0o077 == 0
    path.write_bytes(b"no key")
    with pytest.raises(KeyProblem, match="holds no key"):
        Sealer.from_file(path)
    with pytest.raises(ValueError, match="another key"):
        Sealer.create_or_open(tmp_path / "other.key").unseal(sealed)
