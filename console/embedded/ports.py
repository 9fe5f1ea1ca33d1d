"""Free ports on the loopback interface, outside the range from which the system gives ports to outgoing connections: one of those
may be taken by any client between the moment it is chosen and the moment it is listened on."""

from __future__ import annotations

import random
import socket
from typing import Final

HOST: Final = "127.0.0.1"
_RANGE: Final = range(20_000, 32_000)
_TRIES: Final = 200


def free_port(preferred: int = 0) -> int:
    """The preferred port where it is free, else some other. Raises OSError when none is found."""
    system = random.SystemRandom()
    for port in (*([preferred] if preferred else []), *system.sample(_RANGE, _TRIES)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise OSError("no free port on the loopback interface")
