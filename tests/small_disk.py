"""A file system of a few megabytes for one process and its children, so that a full disk is a real one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

_MOUNT = 'mount -t tmpfs -o size="$1"M tmpfs "$2" && shift 2 && exec "$@"'


def on_small_disk(argv: Sequence[str], directory: Path, megabytes: int) -> list[str]:
    """The command with a small file system of its own in a directory, which nobody else sees. The process keeps its number.

    Linux only: the machine must let the tests make a mount namespace (as root, or in a user namespace of their own)."""
    directory.mkdir(parents=True, exist_ok=True)
    own = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    return ["/usr/bin/env", *own, "/bin/sh", "-c", _MOUNT, "sh", str(megabytes), str(directory), *argv]


def seen_by(process: int, path: Path) -> Path:
    """Where a path of that process's file systems is for us."""
    return Path(f"/proc/{process}/root{path}")


class Ballast:
    """A file that leaves little room on the small disk of a process, until it is thrown off."""

    def __init__(self, process: int, directory: Path, *, leave: int) -> None:
        """``leave``: bytes that stay free."""
        self._path = seen_by(process, directory) / "ballast"
        free = os.statvfs(self._path.parent)
        with self._path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, free.f_bavail * free.f_frsize - leave))

    def throw_off(self) -> None:
        """There is room again."""
        self._path.unlink()
