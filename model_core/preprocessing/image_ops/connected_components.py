"""Connected parts of a mask, as runs of pixels along the rows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]
Mask = NDArray[np.bool_]
Integers = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of a mask, row after row, and to which part each belongs, from 0.

    ``edges`` are where runs start and end by turns, counted through rows that have one more pixel
    in front, which is never set; so that no run goes on in the next row.
    """

    shape: tuple[int, int]
    mask: Mask
    edges: Integers
    part: Integers
    count: int

    def of_parts(self, chosen: NDArray[np.bool_]) -> Mask:
        """Return the mask of the chosen parts."""
        height, width = self.shape
        if chosen.all():
            return self.mask
        flags = np.zeros(len(self.edges) + 1, np.bool_)
        flags[1::2] = chosen[self.part]
        lengths = np.empty(len(flags), np.intp)
        lengths[:-1] = self.edges
        lengths[-1] = height * (width + 1)
        lengths[1:] -= self.edges
        mask: Mask = np.repeat(flags, lengths).reshape(height, width + 1)[:, 1:]
        return mask


def in_rows(values: Grey) -> Grey:
    """Return all pixels row after row with a 0 before each row and at the end.

    Shapes: (H, W) float32 -> (H * (W + 1) + 1,) float32.
    """
    height, width = values.shape
    flat = np.zeros(height * (width + 1) + 1, np.float32)
    flat[:-1].reshape(height, width + 1)[:, 1:] = values
    return flat


def find_parts(flat: Mask, shape: tuple[int, int]) -> Runs:
    """Return the runs of a mask given as by ``in_rows``, in connected parts.

    Pixels that touch at a corner belong together. Each run is joined to those of the row above,
    so that the work grows with the number of runs.
    """
    edges = (flat[1:] != flat[:-1]).nonzero()[0] + 1
    part, count = _join(edges[::2], edges[1::2], shape[1] + 1)
    mask = flat[:-1].reshape(shape[0], shape[1] + 1)[:, 1:]
    return Runs(shape, mask, edges, np.array(part, np.intp), count)


def _join(starts: Integers, ends: Integers, width: int) -> tuple[list[int], int]:
    """Return for each run its part, and how many there are."""
    first = ends.searchsorted(starts - width, side="left").tolist()
    last = starts.searchsorted(ends - width, side="right").tolist()
    roots = list(range(len(first)))
    for run, (begin, end) in enumerate(zip(first, last, strict=True)):
        if begin >= end:  # nothing above
            continue
        own = begin
        while roots[own] != own:
            own = roots[own]
        for above in range(begin + 1, end):
            while roots[above] != above:
                above = roots[above]
            own, other = (own, above) if own < above else (above, own)
            roots[other] = own
        roots[run] = own
    count = 0
    for run, root in enumerate(roots):
        if root == run:
            roots[run] = count
            count += 1
        else:
            roots[run] = roots[root]
    return roots, count
