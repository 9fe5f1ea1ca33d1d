"""confluent-kafka and fastavro, and a dictionary: what a loop without any framework costs."""

from __future__ import annotations

import signal

from confluent_kafka import Consumer, Message, Producer

from benchmarks.peers.job import STATE, Job, fines, job

_AT_ONCE = 1_000


def main() -> None:
    """Runs until SIGTERM; commits after what was emitted is delivered."""
    told = job()
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    reader = Consumer(
        {
            "bootstrap.servers": told.bootstrap,
            "group.id": told.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    reader.subscribe([told.source])
    writer = Producer({"bootstrap.servers": told.bootstrap, "partitioner": "murmur2_random", "linger.ms": 5, "acks": "all"})
    work = _Work(told, writer)
    while not stopped:
        messages = reader.consume(_AT_ONCE, 0.1)
        if messages:
            work.take(messages)
            writer.flush()
            reader.commit(asynchronous=True)
    reader.close()


class _Work:
    def __init__(self, told: Job, writer: Producer) -> None:
        self._target, self._writer, self._fine = told.target, writer, fines(told.schemas)
        self._states: dict[bytes, tuple[int, int]] = {}

    def take(self, messages: list[Message]) -> None:
        states, fine, produce, target = self._states, self._fine, self._writer.produce, self._target
        for message in messages:
            key, value = message.key(), message.value()
            assert isinstance(key, bytes), message.error()
            assert isinstance(value, bytes), message.error()
            count, total = states.get(key, (0, 0))
            states[key] = state = (count + 1, total + fine(value))
            produce(target, key=key, value=STATE.pack(*state))
        self._writer.poll(0)


if __name__ == "__main__":
    main()
