"""The subcommands of ``xinji``, one module each; each exposes ``command``."""
