"""Landing records in tests: what the projector does with a batch, strays set aside without their bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from schemas.log_record import LogRecord
from schemas.ports import Store
from streams.projector.core import Batch
from streams.projector.landing import land as land_sifted
from streams.projector.landing import sift
from streams.strays import Strays

NOW: Final = datetime(2026, 11, 1, tzinfo=UTC)


def land(store: Store, records: Sequence[LogRecord], *, tell: bool = True) -> Batch:
    return land_sifted(store, sift(records, {}, NOW), Strays(None, lambda: NOW), tell=tell)
