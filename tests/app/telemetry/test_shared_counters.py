"""Counters, gauges and histograms in memory that processes share."""

import subprocess
import sys

import pytest

from app.telemetry.shared_counters import Counter, Gauge, Histogram, SharedCounters

# In a process of its own: other tests import libraries with threads, which must not be forked.
FORKS = """
import os
from app.telemetry.shared_counters import Counter, SharedCounters

shared = SharedCounters(2)
counter = Counter(shared)
shared.allocate()
for _ in range(2):
    process = os.fork()
    if process == 0:
        shared.claim(1)
        counter.add()
        os._exit(0)
    os.waitpid(process, 0)
print(shared.table()[:, counter.column].tolist())
"""


def test_what_a_forked_process_counts_is_seen() -> None:
    """Each process has its row, and its counts stay when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", FORKS], capture_output=True, text=True, check=True, timeout=30
    )

    assert done.stdout == "[0.0, 2.0]\n"


def test_a_gauge_goes_up_and_down() -> None:
    """It can be set, too."""
    shared = SharedCounters(1)
    gauge = Gauge(shared)
    shared.allocate()

    gauge.set(5)
    gauge.add(-2)

    assert shared.table()[0, gauge.column] == 3


@pytest.mark.parametrize(("value", "bucket"), [(0, 0), (1, 0), (1.5, 1), (2, 1), (9, 2)])
def test_a_value_is_counted_in_its_bucket(value: float, bucket: int) -> None:
    """A bound belongs to the bucket below it; the last bucket has no bound."""
    shared = SharedCounters(1)
    histogram = Histogram(shared, (1, 2))
    shared.allocate()

    histogram.observe(value)
    *counts, total = shared.table()[0, histogram.column :].tolist()

    assert counts == [number == bucket for number in range(3)]
    assert total == value


def test_several_values_are_counted_at_once() -> None:
    """As if each was counted alone; the totals are their number and sum."""
    shared = SharedCounters(1)
    one, all_at_once = Histogram(shared, (1, 2)), Histogram(shared, (1, 2))
    shared.allocate()
    values = [0, 1.5, 9, 2]

    for value in values:
        one.observe(value)
    all_at_once.observe_all(values)
    sums = shared.table().sum(axis=0)

    assert sums[: all_at_once.column].tolist() == sums[all_at_once.column :].tolist()
    assert one.totals(sums) == all_at_once.totals(sums) == (4, 12.5)


def test_columns_do_not_overlap() -> None:
    """What one counts changes nothing of another."""
    shared = SharedCounters(1)
    first, histogram, last = Counter(shared), Histogram(shared, (1, 2)), Counter(shared)
    shared.allocate()

    histogram.observe(3)

    assert shared.table()[0, [first.column, last.column]].tolist() == [0, 0]
