"""What holds for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

_OF_THE_CORE: Final = ("admission", "core", "policy", "projections", "projector", "schemas")
"""The folders of tests of what coverage is measured of. To count lines under the others too takes a minute and adds nothing."""

os.environ["XINJI_LANG"] = "en"
"""What commands print must not depend on the machine; tests of the Chinese texts ask for Chinese."""


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).parts[0] not in _OF_THE_CORE:
            item.add_marker(pytest.mark.no_cover)
