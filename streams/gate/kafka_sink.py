"""Producing with delivery reports: a record counts only when the broker has said at which offset it stands."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Message

from connectors.kafka import producer
from schemas.sentence import Sentence, Told
from streams.gate.port import Record

_DELIVERY_SECONDS: Final = 60.0
_RECORD_LIMIT: Final = 8 * 1024 * 1024


class NotDelivered(Told, RuntimeError):
    """Records that the broker did not confirm. ``topic`` and ``reason`` tell the first, ``missing`` how many there are."""

    says = Sentence(
        "{topic} 有 {missing} 条记录未获确认（{reason}）；请检查消息服务和该主题。没有丢失：这些提交尚未确认，重启后重新处理",
        "{missing} records of {topic} are not confirmed ({reason}); check the broker and the topic. Nothing is lost: the "
        "submissions stay uncommitted and are processed again after a restart",
    )

    def __init__(self, topic: str, reason: str, missing: int) -> None:
        self.topic, self.reason, self.missing = topic, reason, missing
        super().__init__(topic=topic, reason=reason, missing=missing)


class KafkaSink:
    """A producer of this product (acks=all, idempotent), for one thread at a time. ``within``: seconds after which a record
    that the broker did not confirm is given up: it is not sent later, when another gate may have its partition."""

    def __init__(self, bootstrap: str, within: float = _DELIVERY_SECONDS) -> None:
        self._within = within
        self._producer = producer(
            bootstrap,
            message_max_bytes=_RECORD_LIMIT,
            message_timeout_ms=int(within * 1000),
            queue_buffering_max_messages=200_000,
            queue_buffering_max_kbytes=512 * 1024,
            compression_type="lz4",
        )
        self._lock = threading.Lock()

    def deliver(self, records: Sequence[Record]) -> dict[str, int]:
        """Produces the records and waits for every delivery report; the offset of each by its tag. Raises NotDelivered;
        then some may stand on the broker, and the caller must start again from what the log says."""
        offsets: dict[str, int] = {}
        failures: list[tuple[str, str]] = []
        with self._lock:
            for record in records:
                self._produce(record, partial(_report, record, offsets, failures))
            left = self._producer.flush(self._within + 5.0)
        if failures:
            raise NotDelivered(*failures[0], len(records) - len(offsets))
        if left or len(offsets) != len({record.tag for record in records}):
            raise NotDelivered(records[0].topic, f"no report within {self._within:g} s", len(records) - len(offsets))
        return offsets

    def _produce(self, record: Record, report: Callable[[KafkaError | None, Message], None]) -> None:
        places: dict[str, Any] = {}
        if record.partition is not None:
            places["partition"] = record.partition
        if record.timestamp_ms is not None:
            places["timestamp"] = record.timestamp_ms
        deadline = time.monotonic() + self._within
        while True:
            try:
                self._producer.produce(
                    record.topic,
                    key=record.key,
                    value=record.value,
                    headers=list(record.headers),
                    on_delivery=report,
                    **places,
                )
            except BufferError:
                if time.monotonic() > deadline:
                    raise NotDelivered(record.topic, "the client's queue stays full", 1) from None
                self._producer.poll(0.05)
            except KafkaException as problem:
                raise NotDelivered(record.topic, str(problem), 1) from problem
            else:
                return


def _report(
    record: Record, offsets: dict[str, int], failures: list[tuple[str, str]], error: KafkaError | None, message: Message
) -> None:
    offset = message.offset()
    if error is not None:
        failures.append((record.topic, str(error)))
    elif offset is None or offset < 0 or (record.partition is not None and message.partition() != record.partition):
        failures.append((record.topic, "the delivery report names no offset in the partition asked for"))
    else:
        offsets[record.tag] = offset
