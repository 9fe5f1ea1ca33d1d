"""What holds for all tests."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

_OF_THE_CORE: Final = ("admission", "core", "policy", "projections", "projector", "schemas")
"""The folders of tests of what coverage is measured of. To count lines under the others too takes a minute and adds nothing."""


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).parts[0] not in _OF_THE_CORE:
            item.add_marker(pytest.mark.no_cover)
