"""The demo: a made-up sample, and what makes it."""
