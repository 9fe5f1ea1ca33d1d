"""Ports of an embedded stack: the usual ones, the next free ones, those of the last run, those asked for."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.settings import Settings
from console import ports
from console.embedded.ports import free_port
from console.environment import Endpoints, write_endpoints
from console.ports import PortTaken, choose_ports


@contextmanager
def taken(port: int) -> Iterator[int]:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        yield port


@pytest.fixture
def usual(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """Settings in which nobody asked for a port; the usual ones are others here, which nobody on this machine has."""
    bus, engine = free_port(), free_port()
    settings = Settings.model_construct(_fields_set=set(), data=tmp_path, kafka_port=bus, http_port=engine)
    monkeypatch.setattr(ports, "_ENDING_SECONDS", 0.0)
    return settings


def announced(data: Path, bus: int, engine: int) -> None:
    write_endpoints(data, Endpoints(f"127.0.0.1:{bus}", f"http://owner:x@127.0.0.1:{engine}", "xinji", 1))


def test_the_usual_ports(usual: Settings) -> None:
    assert Settings.model_fields["kafka_port"].default == 19092
    assert Settings.model_fields["http_port"].default == 18123
    found = choose_ports(usual)
    assert (found.bus, found.engine, found.taken) == (usual.kafka_port, usual.http_port, ())


def test_the_next_free_one_where_another_has_it(usual: Settings) -> None:
    with taken(usual.http_port):
        found = choose_ports(usual)
    assert (found.bus, found.taken) == (usual.kafka_port, (usual.http_port,))
    assert usual.http_port < found.engine < usual.http_port + 200


def test_those_of_the_last_run(usual: Settings) -> None:
    bus, engine = free_port(), free_port()
    announced(usual.data, bus, engine)
    assert choose_ports(usual) == ports.Ports(bus, engine)
    with taken(bus):
        assert choose_ports(usual) == ports.Ports(usual.kafka_port, engine, (bus,))


def test_those_asked_for_or_none(usual: Settings) -> None:
    announced(usual.data, free_port(), free_port())
    port = free_port()
    asked = usual.model_copy(update={"kafka_port": port})
    assert choose_ports(asked).bus == port
    with taken(port), pytest.raises(PortTaken, match="--kafka-port") as problem:
        choose_ports(asked)
    assert (problem.value.setting, problem.value.port) == ("kafka_port", port)
