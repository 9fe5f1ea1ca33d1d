"""Dated policy tables: numbers from laws and policies, each with its citation. Data in ``*.toml``, never in code."""

from projections.policy.load import Policy, load, packaged, packaged_texts
from projections.policy.table import PolicyError

__all__ = ["Policy", "PolicyError", "load", "packaged", "packaged_texts"]
