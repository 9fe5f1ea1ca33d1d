"""The embedded stack: the engine's HTTP front, the bus, and the supervisor of all its processes."""
