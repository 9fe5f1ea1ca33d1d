"""Stream processors of other makers doing a much smaller job on the product's own topic, for comparison.

The job: decode, count and sum by subject, emit the new state. See ``job.py``; each peer is a process of its own.
"""
