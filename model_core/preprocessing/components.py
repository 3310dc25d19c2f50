"""Connected parts of a mask."""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def label(mask: Mask) -> tuple[NDArray[np.int32], int]:
    """Return for each pixel the number of its part, from 1, 0 where the mask is not; and how many.

    Pixels that touch at a corner belong together. The rows' runs are joined to those of the row
    above, so that the work grows with the number of runs.
    """
    height, width = mask.shape
    padded = np.zeros((height + 2, width + 2), np.int8)
    padded[1:-1, 1:-1] = mask
    steps = np.diff(padded.ravel())
    starts, ends = np.flatnonzero(steps == 1) + 1, np.flatnonzero(steps == -1) + 1
    numbers = _join(starts, ends, width + 2)
    found, part = np.unique(numbers, return_inverse=True)
    marks = np.zeros(padded.size + 1, np.int32)
    marks[starts] = part + 1
    marks[ends] = -(part + 1)
    labels = np.cumsum(marks, dtype=np.int32)[:-1].reshape(padded.shape)[1:-1, 1:-1]
    return labels, len(found)


def _join(starts: NDArray[np.intp], ends: NDArray[np.intp], width: int) -> list[int]:
    """Return for each run the first run of its part."""
    first = np.searchsorted(ends, starts - width, side="left").tolist()
    last = np.searchsorted(starts, ends - width, side="right").tolist()
    roots = list(range(len(first)))

    def root(run: int) -> int:
        while roots[run] != run:
            roots[run] = roots[roots[run]]
            run = roots[run]
        return run

    for run, (begin, end) in enumerate(zip(first, last, strict=True)):
        for above in range(begin, end):
            one, other = root(above), root(run)
            roots[max(one, other)] = min(one, other)
    return [root(run) for run in range(len(roots))]
