"""Counters, gauges and histograms in memory shared by all worker processes.

The memory is shared by a fork and needs no file, so that a container without a writable file system
has metrics, too. Adding is one write into a row that no other process writes to, without a lock. A
row outlives its process: the replacement of a worker counts on in the same row.
"""

import mmap
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Columns:
    """Columns of numbers; ``row`` has a number for each of them, and this process adds to it."""

    def __init__(self) -> None:
        self.row: memoryview[float]
        self.columns = 0

    def reserve(self, columns: int) -> int:
        """Reserve adjacent columns and return the first of them."""
        first = self.columns
        self.columns += columns
        return first


class SharedCounters(Columns):
    """Table of float64 in shared memory: one row per process, one column per number.

    Columns are reserved first, then the memory is allocated, then processes are forked.
    """

    def __init__(self, processes: int) -> None:
        super().__init__()
        self.processes = processes

    def allocate(self) -> None:
        """Allocate the table, all zero; this process has the first row until it claims another."""
        self._memory = mmap.mmap(-1, max(1, self.processes * self.columns * 8))
        self.claim(0)

    def claim(self, number: int) -> None:
        """Let this process count in the row of that number."""
        begin = number * self.columns
        table = memoryview(self._memory).cast("d")
        self.row = table[begin : begin + self.columns]

    def table(self) -> NDArray[np.float64]:
        """Return a copy of the table, (processes, columns) float64."""
        shape = (self.processes, self.columns)
        return (
            np.frombuffer(self._memory, count=self.processes * self.columns).reshape(shape).copy()
        )


class _Number:
    """One column, to which each process adds in its own row."""

    __slots__ = ("_shared", "column")

    def __init__(self, shared: Columns) -> None:
        self._shared = shared
        self.column = shared.reserve(1)

    def add(self, amount: float = 1.0) -> None:
        """Add to this process's part of the number."""
        self._shared.row[self.column] += amount


class Counter(_Number):
    """Counter: a number that only grows."""

    __slots__ = ()


class Gauge(_Number):
    """Gauge: a number that goes up and down."""

    __slots__ = ()

    def set(self, value: float) -> None:
        """Set this process's part of the number."""
        self._shared.row[self.column] = value


class Histogram:
    """Histogram with fixed upper bounds: a column per bucket, one above the last, and the sum."""

    __slots__ = ("_shared", "_sum", "bounds", "column")

    def __init__(self, shared: Columns, bounds: tuple[float, ...]) -> None:
        self._shared = shared
        self.bounds = bounds
        self.column = shared.reserve(len(bounds) + 2)
        self._sum = self.column + len(bounds) + 1

    def observe(self, value: float) -> None:
        """Count a value; one that equals a bound is in the bucket below it."""
        row = self._shared.row
        row[self.column + bisect_left(self.bounds, value)] += 1.0
        row[self._sum] += value

    def observe_all(self, values: Sequence[float]) -> None:
        """Count several values."""
        row, first, bounds = self._shared.row, self.column, self.bounds
        for value in values:
            row[first + bisect_left(bounds, value)] += 1.0
        row[self._sum] += sum(values)

    def totals(self, sums: NDArray[np.float64]) -> tuple[int, float]:
        """Return the number and the sum of the values; ``sums`` has the columns' sums."""
        return int(sums[self.column : self._sum].sum()), float(sums[self._sum])
