"""Files that their owner alone may read, from the moment on in which they are there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO


def new_private(path: Path) -> BinaryIO:
    """A new file, opened for writing bytes. Raises FileExistsError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
