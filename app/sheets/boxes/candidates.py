"""Region proposals for boxes: cells of a rectified page with the quality of their rules."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from app.sheets.boxes.support import Values
from app.sheets.page import Points
from model_core.preprocessing.image_ops.types import Flags, Integers, Numbers

# Cells are the same if middle and size differ by less than about this part of the shorter side.
SAME = 0.1


class Candidates(NamedTuple):
    """Cells on the rectified page.

    Shapes: ``corners`` (N, 4, 2), clockwise from the top left; ``quality`` (N,), 0 to 1;
    ``palest`` and ``darkest`` (N,): the darkness of two of the four rules, 0 to 255.
    """

    corners: Points
    quality: Numbers
    palest: Values
    darkest: Values

    def take(self, places: Integers | Flags) -> "Candidates":
        """Return some of the cells."""
        return Candidates(
            self.corners[places], self.quality[places], self.palest[places], self.darkest[places]
        )

    def join(self, other: "Candidates") -> "Candidates":
        """Return these cells and others after them."""
        return Candidates(
            np.concatenate([self.corners, other.corners]),
            np.concatenate([self.quality, other.quality]),
            np.concatenate([self.palest, other.palest]),
            np.concatenate([self.darkest, other.darkest]),
        )


# Measures cells (N, 4, 2): returns those that have enough support.
Verify = Callable[[Points], Candidates]


def without_duplicates(candidates: Candidates) -> Candidates:
    """Return candidates in order of their quality, each once."""
    order = np.argsort(-candidates.quality, kind="stable")
    order = order[distinct_indices(candidates.corners[order])]
    return candidates.take(order)


def distinct_indices(corners: Points) -> Integers:
    """Return the indices of cells (N, 4, 2) after removing near-duplicates of earlier cells."""
    middle, size = corners.mean(axis=1), corners[:, 2] - corners[:, 0]
    step = 2.0 ** np.rint(np.log2(np.maximum(shorter_sides(corners), 8) * SAME))
    kept = np.arange(len(corners))
    for shift in (0.0, 0.5):
        keys = np.floor(np.hstack([middle, size])[kept] / step[kept, None] + shift)
        kept = kept[np.sort(np.unique(keys, axis=0, return_index=True)[1])]
    return kept


def shorter_sides(corners: Points) -> Numbers:
    """Return the shorter of the upper and the left side of cells (N, 4, 2)."""
    return np.asarray(np.linalg.norm(corners[:, [1, 3]] - corners[:, :1], axis=2).min(axis=1))
