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
    first = np.array(_join(starts, ends, width + 2), np.intp)
    order = np.cumsum(first == np.arange(len(first)), dtype=np.int32)
    part = order[first]
    marks = np.zeros(padded.size + 1, np.int32)
    marks[starts] = part
    marks[ends] = -part
    labels = np.cumsum(marks, dtype=np.int32)[:-1].reshape(padded.shape)[1:-1, 1:-1]
    return labels, int(part.max(initial=0))


def _join(starts: NDArray[np.intp], ends: NDArray[np.intp], width: int) -> list[int]:
    """Return for each run the first run of its part."""
    first = np.searchsorted(ends, starts - width, side="left").tolist()
    last = np.searchsorted(starts, ends - width, side="right").tolist()
    roots = list(range(len(first)))
    for run, (begin, end) in enumerate(zip(first, last, strict=True)):
        own = run
        for above in range(begin, end):
            other = above
            while roots[other] != other:
                other = roots[other]
            low, high = (own, other) if own < other else (other, own)
            roots[above] = roots[high] = roots[run] = own = low
    for run, above in enumerate(roots):
        roots[run] = roots[above]
    return roots
