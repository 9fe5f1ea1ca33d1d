"""Each example is put to the oracle and to the real folds."""

from __future__ import annotations

import pytest

from tests.core.adapter import FoldMeaning
from tests.core.meaning import OracleMeaning, Reading


@pytest.fixture(params=[OracleMeaning, FoldMeaning], ids=["oracle", "folds"])
def read(request: pytest.FixtureRequest) -> Reading:
    """How events are read: ``read(events)`` answers questions about their subject."""
    reading: Reading = request.param
    return reading
