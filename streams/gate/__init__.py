"""The gate: decides what enters the log, and answers every submission with a receipt or a rejection."""
