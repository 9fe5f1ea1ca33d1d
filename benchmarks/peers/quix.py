"""quixstreams with its state in RocksDB and a changelog topic."""

from __future__ import annotations

from typing import Any

from quixstreams import Application, State

from benchmarks.peers.job import STATE, fines, job


def main() -> None:
    """Runs until SIGTERM."""
    told = job()
    fine = fines(told.schemas)
    app = Application(
        broker_address=told.bootstrap,
        consumer_group=told.group,
        auto_offset_reset="earliest",
        state_dir=str(told.state),
        loglevel="WARNING",
    )

    def step(value: bytes, state: State) -> bytes:
        held: Any = state.get("state", (0, 0))
        new = [held[0] + 1, held[1] + fine(value)]
        state.set("state", new)
        return STATE.pack(*new)

    events = app.dataframe(app.topic(told.source, key_deserializer="bytes", value_deserializer="bytes"))
    events = events.apply(step, stateful=True)
    events.to_topic(app.topic(told.target, key_serializer="bytes", value_serializer="bytes"))
    app.run()


if __name__ == "__main__":
    main()
