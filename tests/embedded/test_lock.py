"""Exclusive use of a data directory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.embedded.lock import DataDirInUse, DataDirLock

HOLD = """
import sys
from pathlib import Path
from console.embedded.lock import DataDirLock
lock = DataDirLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_user_learns_who_the_first_is(tmp_path: Path) -> None:
    with DataDirLock(tmp_path / "new"), pytest.raises(DataDirInUse, match="Stop that one first") as caught:
        DataDirLock(tmp_path / "new")
    assert (caught.value.path, caught.value.pid) == (tmp_path / "new", os.getpid())
    DataDirLock(tmp_path / "new").release()


@pytest.mark.crash
def test_sigkill_releases_the_directory(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with pytest.raises(DataDirInUse) as caught:
            DataDirLock(tmp_path)
        assert caught.value.pid == holder.pid
        holder.kill()
    DataDirLock(tmp_path).release()
