"""The projector: lands the log in ClickHouse and writes the projections of the subjects that it touches."""
