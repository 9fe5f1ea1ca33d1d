"""Memory of the processes that work in big batches."""

from __future__ import annotations

import gc
from typing import Final

_ALLOCATIONS: Final = 100_000


def collect_rarely() -> None:
    """Lets the garbage collector run a hundred times less often, and never over what is loaded by now.

    Events and rows are trees without cycles, which reference counts free; looking through all of them again and again
    took a quarter of the time of projector and gate. To be called once, when everything is loaded.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 50, 100)
