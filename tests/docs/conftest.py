"""The engine of this process, as for the store."""

from tests.connectors.store.conftest import engine

__all__ = ["engine"]
