"""Stock Faust with a table: in memory, with its changelog topic. Its defaults, but for the web server, which nobody asks."""

from __future__ import annotations

from typing import Any

import faust

from benchmarks.peers.job import STATE, fines, job

PARTITIONS = 12


def application() -> faust.App:
    """The application with its one agent."""
    told = job()
    fine = fines(told.schemas)
    app = faust.App(
        told.group,
        broker=f"kafka://{told.bootstrap}",
        datadir=str(told.state),
        web_enabled=False,
        topic_partitions=PARTITIONS,
        topic_replication_factor=1,
    )
    source = app.topic(told.source, key_type=bytes, key_serializer="raw", value_type=bytes, value_serializer="raw")
    target = app.topic(told.target, key_type=bytes, key_serializer="raw", value_type=bytes, value_serializer="raw")
    states = app.Table("states", partitions=PARTITIONS)

    @app.agent(source)
    async def add(stream: Any) -> None:
        async for key, value in stream.items():
            subject = key.decode()
            held = states.get(subject, (0, 0))
            new = [held[0] + 1, held[1] + fine(value)]
            states[subject] = new
            await target.send(key=key, value=STATE.pack(*new))

    return app


if __name__ == "__main__":
    application().main()
