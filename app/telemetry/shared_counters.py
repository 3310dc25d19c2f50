"""Numbers that several processes add to and any of them reads.

Memory that is shared by a fork needs no file, so a container without a writable file system has
metrics, too; adding is one write into a row that no other process writes to, and what a process has
counted outlives it: the one that takes its place counts on in the same row.
"""

import mmap
from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray


class Cells:
    """A table of float64: a row for each process, a column for each number.

    Columns are taken first, then the memory is allocated, then processes are forked.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.mine: memoryview[float]
        self._columns = 0

    def take(self, columns: int) -> int:
        """Return the first of so many new columns."""
        first = self._columns
        self._columns += columns
        return first

    def allocate(self) -> None:
        """Make the table, all zero; this process has the first row until it claims another."""
        self._memory = mmap.mmap(-1, max(1, self.rows * self._columns * 8))
        self.claim(0)

    def claim(self, row: int) -> None:
        """Let this process add to a row."""
        begin = row * self._columns
        whole = memoryview(self._memory).cast("d")
        self.mine = whole[begin : begin + self._columns]

    def table(self) -> NDArray[np.float64]:
        """Return all numbers as they are now, (rows, columns) float64."""
        shape = (self.rows, self._columns)
        return np.frombuffer(self._memory, count=self.rows * self._columns).reshape(shape).copy()


class Number:
    """One column: a count, or a number that goes up and down."""

    __slots__ = ("_cells", "column")

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self.column = cells.take(1)

    def add(self, amount: float = 1.0) -> None:
        """Add to this process's number."""
        self._cells.mine[self.column] += amount

    def set(self, value: float) -> None:
        """Set this process's number."""
        self._cells.mine[self.column] = value


class Distribution:
    """A column for each bucket, one for what is above the last bound, and one for the sum."""

    __slots__ = ("_cells", "_sum", "bounds", "column")

    def __init__(self, cells: Cells, bounds: tuple[float, ...]) -> None:
        self._cells = cells
        self.bounds = bounds
        self.column = cells.take(len(bounds) + 2)
        self._sum = self.column + len(bounds) + 1

    def observe(self, value: float) -> None:
        """Count a value; one that equals a bound is in the bucket below it."""
        mine = self._cells.mine
        mine[self.column + bisect_left(self.bounds, value)] += 1.0
        mine[self._sum] += value
