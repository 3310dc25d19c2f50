"""Orientation of a page by the acceptance scores of its boxes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from model_core.preprocessing import NormalisedImage

# Boxes that are predicted in several orientations to find the upright one, at most.
MAX_SAMPLES = 20

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


def sample_turned(
    images: Sequence[NormalisedImage], turns: Sequence[int]
) -> list[list[NormalisedImage]]:
    """Return some pictures with ink, turned clockwise: (len(turns), at most MAX_SAMPLES).

    To turn a normalised picture is to normalise a turned one, but for half a pixel; and much
    faster. Nobody sees the steps of samples, and to read these holds up the server.
    """
    inked = [image for image in images if image.pixels.any()]
    chosen = inked[:: -(-len(inked) // MAX_SAMPLES) or 1]
    if not chosen:
        return []
    return [[replace(one, pixels=_turn(one, turn), steps=()) for one in chosen] for turn in turns]


def _turn(image: NormalisedImage, turns: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.ascontiguousarray(np.rot90(image.pixels, -turns))
