"""Columns of acts."""

from __future__ import annotations

from typing import Final

COLUMNS: Final = {
    "facts": ("String", "主体层推算所需的要点（JSON，内部使用） / what the folds of the subject need of the act (JSON, internal)"),
    "made": ("Bool", "是否已有作出事件；否则仅有后续陈述 / whether its making event is known, or statements about it only"),
    "void": ("Bool", "是否自始无效 / void from the start"),
    "disclosed_on": ("Nullable(Date32)", "最早公示日期，当日尚未公示则为空 / earliest disclosure, null before that day"),
    "content": ("String", "更正后的内容（JSON） / content as corrected (JSON)"),
}
