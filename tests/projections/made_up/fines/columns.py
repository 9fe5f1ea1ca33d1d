"""Columns of fines."""

from __future__ import annotations

from typing import Final

COLUMNS: Final = {
    "counted": ("Bool", "罚款是否计入 / whether the fine counts"),
    "fines": ("UInt32", "计入的罚款次数 / fines that count"),
    "yuan": ("Float64", "罚款合计（元） / their sum in yuan"),
}
