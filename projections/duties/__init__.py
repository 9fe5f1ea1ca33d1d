"""Duties about acts: what was due, until when, and whether it was done in time."""
