"""``xinji engine``: the embedded engine's process; started by ``xinji up``, not by people."""

from __future__ import annotations

from pathlib import Path

import click

from console.configuration import configured
from console.embedded.process import die_with_parent


@click.command(hidden=True)
@click.option("--path", type=click.Path(path_type=Path), required=True)
@click.option("--port", type=int, required=True)
@click.option("--secret", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="who does not know it is a reader")
def command(path: Path, port: int, secret: Path | None) -> None:
    """The ClickHouse engine with its HTTP front, on 127.0.0.1."""
    die_with_parent()
    from console.embedded.access import Access, Limits, Views
    from console.embedded.engine import serve
    from projections.views import names_of_views

    settings = configured()
    limits = Limits(settings.reader_seconds, settings.reader_memory)
    views = Views(settings.database, names_of_views())
    serve(path, port, Access(secret.read_text("ascii").strip() if secret else "", limits, views))
