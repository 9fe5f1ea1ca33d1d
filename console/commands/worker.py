"""``xinji worker gate|projector``: one worker in the foreground, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import os
from pathlib import Path

import click

from console.configuration import configured
from console.environment import resolved
from console.output import told
from streams.readiness import READY_FILE, Readiness


@click.group(help="运行一个工作进程 / run a worker in the foreground, until SIGTERM")
def command() -> None:
    """Workers."""
    if os.environ.get("XINJI_CHILD_OF_STACK"):
        from console.embedded.process import die_with_parent

        die_with_parent()


def _readiness() -> Readiness:
    """Whoever supervises this worker says where it looks."""
    file = os.environ.get(READY_FILE)
    return Readiness(Path(file) if file else None)


@command.command()
@told
def gate() -> None:
    """The gate: admits submissions to the log. Run exactly one."""
    from streams.gate.app import run

    run(resolved(configured()), _readiness())


@command.command()
@told
def projector() -> None:
    """The projector: lands the log in ClickHouse and writes the projections."""
    from streams.projector.process import run

    run(resolved(configured()), _readiness())
