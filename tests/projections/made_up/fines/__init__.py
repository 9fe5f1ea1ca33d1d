"""Fines: a made-up capability, in no list anywhere."""
