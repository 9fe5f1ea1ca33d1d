"""``xinji engine``: the embedded engine's process; started by ``xinji up``, not by people."""

from __future__ import annotations

from pathlib import Path

import click

from console.embedded.process import die_with_parent


@click.command(hidden=True)
@click.option("--path", type=click.Path(path_type=Path), required=True)
@click.option("--port", type=int, required=True)
def command(path: Path, port: int) -> None:
    """The ClickHouse engine with its HTTP front, on 127.0.0.1."""
    die_with_parent()
    from console.embedded.engine import serve

    serve(path, port)
