"""The broker that the Kafka tests share. Without Java or Maven they fail, in CI and elsewhere: they never skip."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kafka.broker import Broker


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A running broker for the whole session. A test that kills it starts it again before it ends."""
    with Broker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker
