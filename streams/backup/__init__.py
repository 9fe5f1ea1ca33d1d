"""Backing up a running product, and making a new one of a backup."""
