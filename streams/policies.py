"""Loading the policy that a deployment runs under: packaged tables, replaced one by one from a directory."""

from __future__ import annotations

from pathlib import Path

from projections.policy import Policy, PolicyError, load


def load_policy(directory: Path | None) -> Policy:
    """The policy; ``directory`` may hold ``<table>.toml`` files that replace packaged ones. Raises PolicyError."""
    if directory is None:
        return load({})
    if not directory.is_dir():
        raise PolicyError(str(directory), "the directory", "there is no such directory; set XINJI_POLICY to one with policy tables")
    return load({path.stem: path.read_text(encoding="utf-8") for path in sorted(directory.glob("*.toml"))})
