"""The policy that a deployment asks for: packaged tables, replaced one by one from a directory."""

from __future__ import annotations

from pathlib import Path

from projections.policy import PolicyError, load, packaged_texts
from streams.generations import Made


def load_made(directory: Path | None) -> Made:
    """What a new generation would be made of; ``directory`` may hold ``<table>.toml`` files that replace packaged tables.
    Raises PolicyError."""
    texts = dict(packaged_texts()) | _replacing(directory)
    return Made(load(texts), texts)


def _replacing(directory: Path | None) -> dict[str, str]:
    if directory is None:
        return {}
    if not directory.is_dir():
        raise PolicyError(str(directory), "the directory", "there is no such directory; set XINJI_POLICY to one with policy tables")
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(directory.glob("*.toml"))}
