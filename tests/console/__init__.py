"""The command line by itself, without any part running."""
