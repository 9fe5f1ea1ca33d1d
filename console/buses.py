"""Which bus a data directory was made with: the log of one cannot be read by the other."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, get_args

from schemas.sentence import Sentence, Told

Bus = Literal["memory", "kafka"]
FILE: Final = "bus"


class OtherBus(Told, ValueError):
    """A data directory that was made with another bus (``made``) than was asked for (``asked``)."""

    says = Sentence(
        "数据目录 {data} 是以 --bus {made} 建立的，不能改用 {asked}；请沿用 {made}，或另用一个数据目录并重新推送",
        "the data directory {data} was made with --bus {made} and cannot change to {asked}: go on with {made}, or take another "
        "directory and push anew",
    )

    def __init__(self, data: Path, made: str, asked: str) -> None:
        self.data, self.made, self.asked = data, made, asked
        super().__init__(data=data, made=made, asked=asked)


def bus_of(data: Path, asked: Literal["", "memory", "kafka"]) -> Bus:
    """The bus of a data directory: the one it was made with, else that asked for, else the bus in memory. Raises OtherBus."""
    made = _made_with(data)
    if made and asked and made != asked:
        raise OtherBus(data, made, asked)
    return made or asked or "memory"


def remember_bus(data: Path, bus: Bus) -> None:
    """Writes down with which bus a data directory is made."""
    (data / FILE).write_text(f"{bus}\n", encoding="ascii")


def _made_with(data: Path) -> Bus | None:
    try:
        said = (data / FILE).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        # before there was a choice, there was the bus in memory
        return "memory" if (data / "engine").exists() else None
    return next((one for one in get_args(Bus) if one == said), None)
