"""Connected-component labelling (8-connectivity) of a mask, by run lengths."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.image_ops.types import Flags, Integers, Mask

Pixel = TypeVar("Pixel", bound=np.generic)

# Up to here a loop over the runs is faster than whole arrays: a digit on clean paper has fewer. Of
# 1,000 runs, as in noise, the loop took 300 us, whole arrays take 80.
MAX_RUNS_IN_LOOP = 150


@dataclass(frozen=True, slots=True)
class LabelledRuns:
    """Horizontal runs of a mask's pixels, row after row, and the component that each belongs to.

    Shapes: ``mask`` (H, W) bool; ``edges`` (2 * R,), the start and the end of each run by turns, as
    indices into rows padded as by ``pad_rows``; ``label`` (R,), each run's component, 0..count - 1.
    """

    shape: tuple[int, int]
    mask: Mask
    edges: Integers
    label: Integers
    count: int

    def mask_of(self, chosen: Flags) -> Mask:
        """Return the mask (H, W) of the components that are ``chosen``, (count,) bool."""
        height, width = self.shape
        if chosen.all():
            return self.mask
        flags = np.zeros(len(self.edges) + 1, np.bool_)
        flags[1::2] = chosen[self.label]
        lengths = np.empty(len(flags), np.intp)
        lengths[:-1], lengths[-1] = self.edges, height * (width + 1)
        lengths[1:] -= self.edges
        return np.repeat(flags, lengths).reshape(height, width + 1)[:, 1:]


def pad_rows(values: NDArray[Pixel]) -> NDArray[Pixel]:
    """Return all pixels row after row, with a 0 before each row and at the end.

    Shapes: (H, W) -> (H * (W + 1) + 1,) of the same type. No run goes on into the next row.
    """
    height, width = values.shape
    padded = np.zeros(height * (width + 1) + 1, values.dtype)
    padded[:-1].reshape(height, width + 1)[:, 1:] = values
    return padded


def label_components(padded: Flags, shape: tuple[int, int]) -> LabelledRuns:
    """Label the connected components (8-connectivity) of a mask.

    Shapes: ``padded`` (H * (W + 1) + 1,) bool, a mask of ``shape`` (H, W) in the order of
    ``pad_rows``. Components are numbered in the order of their first pixels, from 0.
    The work grows with the number of runs, not of pixels.
    """
    edges = (padded[1:] != padded[:-1]).nonzero()[0] + 1
    starts, ends, width = edges[::2], edges[1::2], shape[1] + 1
    # the first run in the row above that each run touches, and the one after the last
    first = ends.searchsorted(starts - width, side="left")
    last = starts.searchsorted(ends - width, side="right")
    label = _join_few(first, last) if len(first) <= MAX_RUNS_IN_LOOP else _join_many(first, last)
    mask = padded[:-1].reshape(shape[0], width)[:, 1:]
    return LabelledRuns(shape, mask, edges, label, int(label.max(initial=-1)) + 1)


def _join_few(first: Integers, last: Integers) -> Integers:
    """Join each run to the touching runs of the row above by union-find; return the labels."""
    roots = list(range(len(first)))
    for run, (begin, end) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        if begin >= end:  # nothing above
            continue
        own = roots[begin]
        while roots[own] != own:
            own = roots[own]
        if end == begin + 1:  # most often
            roots[run] = own
            continue
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
    return np.array(roots, np.intp)


def _join_many(first: Integers, last: Integers) -> Integers:
    """Return the same labels as ``_join_few``, by rounds in which all runs are joined at once.

    Each run points to an earlier one of its component. In a round, of each two roots that touch the
    later comes to point to the earlier; at the end, the first run of a component is its root.
    """
    runs = np.arange(len(first))
    roots = _find_roots(np.where(first < last, first, runs))
    below, above = _further_pairs(first, last)
    while True:
        one, other = roots[below], roots[above]
        apart = (one != other).nonzero()[0]
        if not len(apart):
            break
        one, other, below, above = one[apart], other[apart], below[apart], above[apart]
        roots[np.maximum(one, other)] = np.minimum(one, other)
        roots = _find_roots(roots)
    numbers: Integers = (roots == runs).cumsum() - 1
    return numbers[roots]


def _find_roots(earlier: Integers) -> Integers:
    """Return the last of the runs to which each run points, over one or more others."""
    while True:
        earlier = earlier[earlier]
        roots = earlier[earlier]
        if (roots == earlier).all():
            return roots
        earlier = roots


def _further_pairs(first: Integers, last: Integers) -> tuple[Integers, Integers]:
    """Return each run that touches more than one run above, and these but the first, in pairs."""
    more = np.maximum(last - first - 1, 0)
    below = np.arange(len(first)).repeat(more)
    before = (more.cumsum() - more)[below]
    return below, first[below] + 1 + np.arange(len(below)) - before
