"""Free ports on the loopback interface, outside the range from which the system gives ports to outgoing connections: one of those
may be taken by any client between the moment it is chosen and the moment it is listened on."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable
from typing import Final

HOST: Final = "127.0.0.1"
_RANGE: Final = range(20_000, 32_000)
_TRIES: Final = 200
_LAST: Final = 65_535


def free_port() -> int:
    """A free port, another at each call. Raises OSError when none is found."""
    system = random.SystemRandom()
    return _first_free(system.sample(_RANGE, _TRIES))


def next_free_port(port: int) -> int:
    """This port or, where it is taken, the next one that is free. Raises OSError when there is none near it."""
    return _first_free(range(port, min(port + _TRIES, _LAST + 1)))


def is_free(port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _first_free(ports: Iterable[int]) -> int:
    for port in ports:
        if is_free(port):
            return port
    raise OSError("no free port on the loopback interface")
