"""Whole stacks for these tests: one a module and kind, the embedded one and one on Apache Kafka."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.cluster import ClusterStack
from tests.integration.stacks import EmbeddedStack, Stack
from tests.kafka.broker import Broker
from tests.kafka.conftest import kafka as kafka

EMBEDDED = pytest.param("embedded", marks=pytest.mark.stack)
KAFKA = pytest.param("kafka", marks=pytest.mark.kafka)


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_the_machine() -> Iterator[None]:
    """Whatever the developer has set for a stack of their own does not reach these."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [one for one in os.environ if one.startswith("XINJI_") and one != "XINJI_LANG"]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="module", params=[EMBEDDED, KAFKA])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running stack of either kind, shared by the tests of a module."""
    directory = tmp_path_factory.mktemp(request.param)
    with running(directory, request.getfixturevalue("kafka") if request.param == "kafka" else None) as started:
        yield started


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStack]:
    """A running embedded stack, for what only it has."""
    with running(tmp_path_factory.mktemp("embedded"), None) as started:
        assert isinstance(started, EmbeddedStack)
        yield started


@contextmanager
def running(directory: Path, broker: Broker | None) -> Iterator[Stack]:
    started = EmbeddedStack(directory) if broker is None else ClusterStack(directory, broker)
    try:
        started.start()
        yield started
    except BaseException:
        _show(started)
        raise
    finally:
        started.stop()


def _show(stack: Stack) -> None:
    """The ends of the logs, for whoever reads the failure."""
    for log in stack.logs:
        print(f"--- {log}\n{log.read_text(errors='replace')[-3000:]}")
