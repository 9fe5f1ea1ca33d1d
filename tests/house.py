"""A copy of the product's packages in a folder of its own, to which a test may add what the repository doesn't have."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = ("schemas", "projections", "connectors", "streams", "console")


class House:
    """The five packages under ``folder``. What runs in it sees them before the repository's own; tests come from there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for package in PACKAGES:
            shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))

    def add(self, what: Path, place: str) -> None:
        """Puts a copy of a folder into a folder of the house, such as ``schemas/events``."""
        shutil.copytree(what, self.folder / place / what.name)

    def run(self, *arguments: str) -> str:
        """What Python prints, run in the house with these arguments; fails with its complaint where it fails."""
        path = os.pathsep.join([str(self.folder), str(ROOT)])
        done = subprocess.run(
            [sys.executable, "-W", "error", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def told(self, *arguments: str) -> Any:
        """What Python prints, as JSON."""
        return json.loads(self.run(*arguments))
