"""One act: what was said about it, and the act as corrected."""
