"""Where people and their systems meet the product: the command ``xinji`` and the embedded stack."""
