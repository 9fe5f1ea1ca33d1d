"""Copies of the log, and of what belongs to it, as files: their form, writing, reading and checking (docs/operations.md)."""
