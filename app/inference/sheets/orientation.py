"""Orientation of a page by the acceptance scores of its boxes."""

from collections.abc import Sequence

# How much better the boxes must be read in another orientation than in that of the picture: digits
# like 0 and 1 look the same upside down.
MIN_GAIN = 1.2


def upright_turns(turns: Sequence[int], scores: Sequence[float]) -> int:
    """Return the quarter turns with the best score; the first one if none is clearly better."""
    best = max(range(len(turns)), key=lambda place: scores[place])
    return turns[best] if scores[best] > MIN_GAIN * scores[0] else turns[0]
