"""On which ports an embedded stack listens."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Event
from typing import Final

from connectors.settings import Settings
from console.configuration import flag
from console.embedded.ports import is_free, next_free_port
from console.environment import read_endpoints
from schemas.sentence import Sentence, Told

_ENDING_SECONDS: Final = 5.0
"""So long may a part that was just told to end keep its port."""


class PortTaken(Told, RuntimeError):
    """Somebody else listens on a port that was asked for by name (``setting``)."""

    says = Sentence(
        "端口 {port} 已被占用；请用 {flag} 另选一个，或不指定以自动选择",
        "port {port} is taken; name another with {flag}, or none, and a free one is chosen",
    )

    def __init__(self, setting: str, port: int) -> None:
        self.setting, self.port = setting, port
        super().__init__(port=port, flag=flag(setting))


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the bus and the engine's front listen; ``taken`` are the ports that others had."""

    bus: int
    engine: int
    taken: tuple[int, ...] = ()


def choose_ports(settings: Settings) -> Ports:
    """The ports asked for; else those of the last run on the data directory, else the usual ones, or the next that are free.
    Raises PortTaken."""
    last = read_endpoints(settings.data)
    bus = _wanted_and_had(settings, "kafka_port", None if last is None else _port(last.bootstrap))
    engine = _wanted_and_had(settings, "http_port", None if last is None else _port(last.clickhouse))
    return Ports(bus[1], engine[1], tuple(wanted for wanted, had in (bus, engine) if wanted != had))


def _wanted_and_had(settings: Settings, name: str, last: int | None) -> tuple[int, int]:
    usual: int = getattr(settings, name)
    if name in settings.model_fields_set:
        _demand_free(name, usual)
        return usual, usual
    if last is not None and is_free(last):
        return last, last
    return last or usual, next_free_port(usual)


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


def _demand_free(setting: str, port: int) -> None:
    deadline, pause = time.monotonic() + _ENDING_SECONDS, Event()
    while not is_free(port):
        if time.monotonic() > deadline:
            raise PortTaken(setting, port)
        pause.wait(0.1)
