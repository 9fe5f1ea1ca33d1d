"""Finding the parts: the running embedded stack in its data directory, or the addresses that the settings give."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from connectors.clickhouse.client import connect
from connectors.clickhouse.store import Store
from connectors.settings import Settings
from console.embedded.access import Role
from console.keys import write_private
from schemas.sentence import Sentence, Told
from streams.rebuild import Address

ENDPOINTS: Final = "endpoints.json"


class NoStack(Told, RuntimeError):
    """There is no running embedded stack in the data directory, and the settings name no parts."""

    says = Sentence(
        "{data} 中没有运行的环境，{missing} 也未设置；请用 `xinji up --data {data}` 启动，"
        "或设置 XINJI_BOOTSTRAP 和 XINJI_CLICKHOUSE 指向集群",
        "no running stack in {data} and {missing} is not set; start one with `xinji up --data {data}`, or set XINJI_BOOTSTRAP and "
        "XINJI_CLICKHOUSE to a cluster",
    )

    def __init__(self, data: Path, missing: str) -> None:
        self.data, self.missing = data, missing
        super().__init__(data=data, missing=missing)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a running embedded stack listens; ``pid`` is the process that supervises it, ``sources`` its registry of sources,
    ``ports_taken`` those that it would have taken and others had."""

    bootstrap: str
    clickhouse: str
    database: str
    pid: int
    sources: str = ""
    ports_taken: tuple[int, ...] = ()


def write_endpoints(data: Path, endpoints: Endpoints) -> None:
    """Announces a running stack (written beside and renamed, so that nobody reads half of it). Its owner alone may read it:
    the engine's secret is part of the address."""
    beside = data / f"{ENDPOINTS}.new"
    beside.unlink(missing_ok=True)
    write_private(beside, json.dumps(asdict(endpoints), indent=2).encode() + b"\n")
    beside.replace(data / ENDPOINTS)


def read_endpoints(data: Path) -> Endpoints | None:
    """What was last announced in a data directory, None where nothing was."""
    try:
        return Endpoints(**json.loads((data / ENDPOINTS).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def running_stack(data: Path) -> Endpoints | None:
    """The stack that runs on a data directory now."""
    found = read_endpoints(data)
    return found if found is not None and _alive(found.pid) else None


def resolved(settings: Settings) -> Settings:
    """Settings whose addresses are filled from the running embedded stack where they are empty; raises NoStack.

    With the embedded stack, the vault, keys and sources in its data directory are used where none are set.
    """
    if settings.bootstrap and settings.clickhouse:
        return settings
    stack = running_stack(settings.data)
    if stack is None:
        raise NoStack(settings.data, "XINJI_CLICKHOUSE" if settings.bootstrap else "XINJI_BOOTSTRAP")
    filled = settings.model_copy(
        update={
            "bootstrap": settings.bootstrap or stack.bootstrap,
            "clickhouse": settings.clickhouse or stack.clickhouse,
            "database": stack.database,
            "sources": settings.sources or (Path(stack.sources) if stack.sources else None),
        }
    )
    return embedded_files(filled)


def embedded_files(settings: Settings) -> Settings:
    """Settings whose files are those of the data directory where none are set."""
    data = settings.data
    return settings.model_copy(
        update={
            "sources": settings.sources or data / "sources.toml",
            "vault": settings.vault or data / "vault.db",
            "vault_key": settings.vault_key or data / "vault.key",
            "rejections_key": settings.rejections_key or data / "rejections.key",
        }
    )


def as_auditor(clickhouse: str) -> str:
    """The address of an embedded engine for who only reads; another address as it is."""
    return clickhouse.replace(f"//{Role.OWNER}:", f"//{Role.AUDITOR}:", 1)


def address_of(settings: Settings) -> Address:
    """Where the store is, for processes of their own."""
    return Address(settings.clickhouse, settings.database, settings.cluster)


def open_store(settings: Settings) -> Store:
    """The store at the settings' addresses; raises ClickHouseAway."""
    return Store(connect(settings.clickhouse, settings.database, cluster=settings.cluster), settings.database)


def _alive(pid: int) -> bool:
    """Whether a process runs; one that ended and that nobody has waited for does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    except FileNotFoundError:  # no /proc here, or it ended just now
        return not Path("/proc").is_dir()
