"""Connected-component labelling (8-connectivity) of a mask, by run lengths and union-find."""

from dataclasses import dataclass

import numpy as np

from model_core.preprocessing.image_ops.types import Flags, Grey32, Integers, Mask


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
        lengths[:-1] = self.edges
        lengths[-1] = height * (width + 1)
        lengths[1:] -= self.edges
        mask: Mask = np.repeat(flags, lengths).reshape(height, width + 1)[:, 1:]
        return mask


def pad_rows(values: Grey32) -> Grey32:
    """Return all pixels row after row, with a 0 before each row and at the end.

    Shapes: (H, W) float32 -> (H * (W + 1) + 1,) float32. No run goes on into the next row.
    """
    height, width = values.shape
    padded = np.zeros(height * (width + 1) + 1, np.float32)
    padded[:-1].reshape(height, width + 1)[:, 1:] = values
    return padded


def label_components(padded: Flags, shape: tuple[int, int]) -> LabelledRuns:
    """Label the connected components (8-connectivity) of a mask.

    Shapes: ``padded`` (H * (W + 1) + 1,) bool, a mask of ``shape`` (H, W) in the order of
    ``pad_rows``. Components are numbered in the order of their first pixels, from 0.
    The work grows with the number of runs, not of pixels.
    """
    edges = (padded[1:] != padded[:-1]).nonzero()[0] + 1
    labels, count = _join(edges[::2], edges[1::2], shape[1] + 1)
    mask = padded[:-1].reshape(shape[0], shape[1] + 1)[:, 1:]
    return LabelledRuns(shape, mask, edges, np.array(labels, np.intp), count)


def _join(starts: Integers, ends: Integers, width: int) -> tuple[list[int], int]:
    """Join each run to the touching runs of the row above; return labels and their number."""
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
