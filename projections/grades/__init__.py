"""Grades: the score and grade of a subject on every day, with reasons."""
