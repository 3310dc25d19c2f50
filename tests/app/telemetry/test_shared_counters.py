"""Counters, gauges and histograms in memory that processes share."""

import os

import pytest

from app.telemetry.shared_counters import Counter, Gauge, Histogram, SharedCounters


def run_forked(shared: SharedCounters, number: int, counter: Counter) -> None:
    """Count once in a forked process with the row of a number, and wait for its end."""
    process = os.fork()
    if process == 0:
        shared.claim(number)
        counter.add()
        os._exit(0)
    os.waitpid(process, 0)


def test_what_a_forked_process_counts_is_seen() -> None:
    """Each process has its row, and what it has counted outlives it."""
    shared = SharedCounters(2)
    counter = Counter(shared)
    shared.allocate()

    run_forked(shared, 1, counter)
    run_forked(shared, 1, counter)

    assert shared.table()[:, counter.column].tolist() == [0, 2]


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


def test_columns_do_not_overlap() -> None:
    """What one counts changes nothing of another."""
    shared = SharedCounters(1)
    first, histogram, last = Counter(shared), Histogram(shared, (1, 2)), Counter(shared)
    shared.allocate()

    histogram.observe(3)

    assert shared.table()[0, [first.column, last.column]].tolist() == [0, 0]
