"""Batches of a push: one partition each, rows whole and in order."""

from __future__ import annotations

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from console.pushing import BATCH_BYTES, Item, _by_partition
from schemas.partition import partition_of
from streams.topics import ACTS_PARTITIONS, sender

KEYS = [f"subject-{number}" for number in range(30)] + [""]


@given(st.lists(st.tuples(st.sampled_from(KEYS), st.integers(1, 3), st.integers(1, 200_000)), max_size=60), st.integers(1, 7))
def test_a_batch_for_each_partition(rows: list[tuple[str, int, int]], most: int) -> None:
    items = [
        Item("f.csv", row, "", {"value": b"x" * (size // count), "at": at}, key)
        for row, (key, count, size) in enumerate(rows, 2)
        for at in range(count)
    ]
    batches = list(_by_partition(iter(items), most))
    for partition, batch in batches:
        assert {partition_of(one.key, ACTS_PARTITIONS) for one in batch} == {partition}
        whole = [len(list(row)) for _, row in groupby(batch, key=lambda one: one.row)]
        assert sum(whole[:-1]) < most
        assert len(whole) == 1 or sum(len(one.submission["value"]) for one in batch) <= BATCH_BYTES
    for partition in range(ACTS_PARTITIONS):
        sent = [one for number, batch in batches if number == partition for one in batch]
        assert sent == [one for one in items if partition_of(one.key, ACTS_PARTITIONS) == partition]


def test_who_is_not_registered_has_no_registered_name() -> None:
    assert sender("submissions.local", "a") == "local"
    assert sender("submissions.unregistered", "local") == "unregistered:local"
    assert sender("submissions.unregistered", "某 局") == sender("submissions.unregistered") == "unregistered:"
