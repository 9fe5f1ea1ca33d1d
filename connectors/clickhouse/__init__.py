"""ClickHouse: connection, migrations, and the store of the log and its projections."""
