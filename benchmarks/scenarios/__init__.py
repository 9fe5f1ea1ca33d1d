"""One module a scenario. Its ``run`` measures and fills sheets of the bench; the first line of its docstring is what
``--list`` shows.

Scenarios are found by looking into this folder, in the order of their ``ORDER``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from benchmarks.bench import Bench


def scenarios() -> dict[str, Callable[[Bench], None]]:
    """Every scenario by its name."""
    return {_name(module): module.run for module in _modules()}


def summaries() -> dict[str, str]:
    """What every scenario measures, in a line."""
    return {_name(module): (module.__doc__ or "").splitlines()[0] for module in _modules()}


def _modules() -> list[ModuleType]:
    found = [import_module(f"{__name__}.{one.name}") for one in iter_modules(__path__)]
    return sorted(found, key=lambda module: int(module.ORDER))


def _name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2].replace("_", "-")
