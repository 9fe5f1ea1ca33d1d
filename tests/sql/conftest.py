"""The engine of this process and fresh databases, as for the store."""

from tests.connectors.store.conftest import database, engine, new_database

__all__ = ["database", "engine", "new_database"]
