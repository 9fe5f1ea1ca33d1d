"""Takes, as every host of the gate carries them out: recover what was given, take, count, and try again what only failed."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from threading import Event
from typing import Final, Protocol, TypeVar

from streams.gate.kafka_sink import NotDelivered
from streams.gate.ownership import Ownership
from streams.gate.submissions import Submission
from streams.gate.work import Gate
from streams.patience import Stopped, patiently

log = logging.getLogger("xinji.gate")
TAKE_MESSAGES: Final = 200
TAKE_SECONDS: Final = 0.05
_SLICE_BYTES: Final = 2_000_000
_METRICS_SECONDS: Final = 10.0
_TRY_FOR_SECONDS: Final = 60.0
_BETWEEN_TRIES: Final = 0.5


class Valued(Protocol):
    """A message with its bytes: a host's own, or a Submission."""

    @property
    def value(self) -> bytes | None: ...


M = TypeVar("M", bound=Valued)


class Takes:
    """Blocks; to be called from one thread at a time. ``ends_of`` tells where partitions of the log end; ``check`` is called
    before every take, and raises what ends the process."""

    def __init__(
        self,
        gate: Gate,
        owned: Ownership,
        ends_of: Callable[[Iterable[int]], Mapping[int, int]],
        stop: Event,
        check: Callable[[], None] = lambda: None,
        tell: Callable[[Mapping[str, int], int], None] = lambda counts, messages: None,
    ) -> None:
        self._gate, self._owned, self._ends_of, self._stop, self._check, self._tell = gate, owned, ends_of, stop, check, tell
        self._counts: Counter[str] = Counter()
        self._told = time.monotonic()

    def take(self, submissions: Sequence[Submission]) -> None:
        """Returns when the messages may be acknowledged. Raises Stopped, Disowned (a partition of theirs is not, or no
        longer, this gate's), NotDelivered after a minute of tries, and what ends the process."""
        deadline = time.monotonic() + _TRY_FOR_SECONDS
        while True:
            try:
                counts = self._once(submissions)
            except NotDelivered as problem:
                if time.monotonic() > deadline:
                    raise
                log.warning("not delivered; reading the end of the log again", extra={"detail": str(problem)})
                self._owned.recover_again()  # some may stand there: they are found, and not produced again
                if self._stop.wait(_BETWEEN_TRIES):
                    raise Stopped from problem
            else:
                self._count(counts, len(submissions))
                return

    def _once(self, submissions: Sequence[Submission]) -> Counter[str]:
        patiently(self._check, self._stop)
        self._gate.recover(self._ends_of)
        return self._gate.take(submissions)

    def _count(self, counts: Counter[str], messages: int) -> None:
        self._counts += counts
        self._tell(counts, messages)
        if time.monotonic() - self._told >= _METRICS_SECONDS:
            log.info("counts", extra={"counts": dict(self._counts), "messages": messages})
            self._told = time.monotonic()


def slices(messages: Sequence[M]) -> Iterator[list[M]]:
    """Messages in their order, in parts of about _SLICE_BYTES, so that a take's statements fit into memory several times."""
    part: list[M] = []
    size = 0
    for one in messages:
        length = len(one.value or b"")
        if part and size + length > _SLICE_BYTES:
            yield part
            part, size = [], 0
        part.append(one)
        size += length
    if part:
        yield part
