"""Running processes: how ours are started, and how much of a core each has used."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path


def xinji_argv(*arguments: str) -> list[str]:
    """The command line of one of the product's own processes, in this very interpreter."""
    return [sys.executable, "-c", "from console.main import main; main()", *arguments]


def engine_argv(path: Path, port: int) -> list[str]:
    """The embedded engine on a data directory."""
    return xinji_argv("engine", "--path", str(path), "--port", str(port))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """Processor seconds that each process has used so far; empty where the system has no /proc."""
    found: dict[str, float] = {}
    for name, pid in pids.items():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        found[name] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found
