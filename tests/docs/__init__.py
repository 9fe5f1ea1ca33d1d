"""The docs are true: what they list exists, what exists they list, and what they show can be run."""
