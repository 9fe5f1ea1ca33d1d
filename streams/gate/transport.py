"""Faust's Kafka consumer, told not to let the broker hold a fetch for long.

Faust asks brokers to wait up to 1.5 s for data. Apache Kafka answers as soon as there is some; the embedded bus waits to
the end, so that an idle gate answered after 0.7 s on average.
"""

from __future__ import annotations

from typing import Any, Final

import aiokafka  # type: ignore[import-untyped]
import faust
from faust.transport.drivers import aiokafka as driver

_FETCH_WAIT_MS: Final = 100


class _Thread(driver.AIOKafkaConsumerThread):
    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        made = super()._create_worker_consumer(transport)
        made._fetch_max_wait_ms = _FETCH_WAIT_MS  # read when the consumer starts; Faust has no setting for it
        return made


class _Consumer(driver.Consumer):
    def _new_consumer_thread(self) -> driver.AIOKafkaConsumerThread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)


def fetch_promptly(app: faust.App) -> None:
    """Makes the app's consumer ask again after a tenth of a second. To be called before the app starts."""
    app.transport.Consumer = _Consumer  # type: ignore[misc]
