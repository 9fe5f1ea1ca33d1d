"""What the product does in a second, and what limits it: measured on this machine, beside ceilings of the same run."""
