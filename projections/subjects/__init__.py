"""Subjects: their names and kinds over time."""
