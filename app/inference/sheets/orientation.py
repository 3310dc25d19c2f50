"""Orientation of a page by the acceptance scores of its boxes."""

from collections.abc import Sequence

# How much better the boxes must be read in another orientation than in that of the picture, by a
# factor and a number of boxes: digits like 0 and 1 look the same upside down, and a few boxes may
# be read in any orientation.
MIN_FACTOR, MIN_BOXES = 1.3, 1.5


def upright_turns(turns: Sequence[int], scores: Sequence[float]) -> int:
    """Return the quarter turns with the best score; the first one if none is clearly better.

    Units: a score is the sum of a score of 0 to 1 for each box.
    """
    best = max(range(len(turns)), key=lambda place: scores[place])
    clear = scores[best] > MIN_FACTOR * scores[0] + MIN_BOXES
    return turns[best] if clear else turns[0]
