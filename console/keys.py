"""The files that an embedded stack makes for itself: keys and the registry of sources."""

from __future__ import annotations

import secrets
from pathlib import Path

from cryptography.fernet import Fernet

from connectors.private import new_private
from connectors.settings import Settings
from connectors.vault import create_key
from streams.sources import DEFAULT


def make_files(settings: Settings) -> None:
    """Creates what is missing: vault key, rejections key (both readable by the owner only), sources with ``local``."""
    assert settings.vault_key is not None
    assert settings.rejections_key is not None
    assert settings.sources is not None
    if not settings.vault_key.exists():
        create_key(settings.vault_key)
    if not settings.rejections_key.exists():
        write_private(settings.rejections_key, Fernet.generate_key())
    if not settings.sources.exists():
        settings.sources.write_text(DEFAULT, encoding="utf-8")


def make_secret(path: Path) -> None:
    """A new secret, by which the engine knows its owner, where there is none yet."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32).encode("ascii") + b"\n")


def write_private(path: Path, content: bytes) -> None:
    """Writes a new file that its owner alone may read. Raises FileExistsError."""
    with new_private(path) as file:
        file.write(content)
