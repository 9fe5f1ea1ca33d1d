"""The meaning: pure functions from the events of a subject to its record, and the tables that show it.

No clock, no random, no I/O but reading packaged data: "today" is an argument.
"""
