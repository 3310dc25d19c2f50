"""Frames: components that run along a picture's border, beside a digit or around a corner."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.image_ops.centre_distance import CACHED_SHAPES, centre_distance
from model_core.preprocessing.image_ops.component_properties import ComponentProperties
from model_core.preprocessing.image_ops.types import Flags, Numbers

# Chebyshev distance from the centre, where the border is at 0.5: farther pixels are the outer zone.
# Chosen so that the zone is a seventh of the side wide.
MIN_OUTER_DISTANCE = 0.36

# Share of a component's ink in the outer zone: with more it runs along the border.
# Chosen so that a crooked frame does, and a digit that reaches the border does not.
MIN_FRAME_OUTER_INK = 0.75

# Share of a component's ink in the outer zone: with more it is hollow.
# Chosen so that a thin 0 that fills the picture is, and a 3 is not.
MIN_HOLLOW_OUTER_INK = 0.85

# Share of the picture's side: something longer in the middle makes what is around it a frame.
# Chosen so that a speck does not.
MIN_INSIDE_LENGTH = 0.2

# Share of the picture's sides: with both longer, a component may be a digit that fills the picture.
MIN_FILLING_LENGTH = 0.6

# Share of the picture's longer side: a frame is longer, a speck is not.
MIN_FRAME_LENGTH = 0.25

# Share of the picture's side: a frame with a corner is longer along one of them. Chosen as above.
MIN_CORNER_LENGTH = 0.4

# Length by width of a frame's line. Chosen so that most digits but 1 are no lines.
MIN_LINE_ELONGATION = 4

# How near a component comes to a corner, which is at 0.5: nearer than this it may be a frame.
MIN_CORNER_REACH = 0.4

# The same for a hollow component that fills the picture. Chosen so that a thin 0 is no frame.
MIN_HOLLOW_CORNER_REACH = 0.46

# Pixels from the corner's tip: one that is not hollow, and fills the picture, is a frame only if it
# ends nearer. Chosen so that a thin 3 that fills the picture is no frame.
TIP_PIXELS = 1.1


def is_frame(components: ComponentProperties) -> Flags:
    """Tell which components run along the border: beside a digit, as a line, or around a corner."""
    if not _reaches_outer_zone(components):
        return np.zeros(components.count, np.bool_)
    outer_ink = components.sum_over_pixels(components.padded * _outer_zone(components.shape))
    outer = outer_ink / components.intensity_sum
    hugs: Flags = outer > MIN_FRAME_OUTER_INK
    if not hugs.any():
        return hugs
    height, width = components.height, components.width
    tall, wide = height / components.shape[0], width / components.shape[1]
    if (~hugs & (np.maximum(tall, wide) > MIN_INSIDE_LENGTH)).any():
        return hugs
    length = np.maximum(height, width)
    long = length > MIN_FRAME_LENGTH * max(components.shape)
    if not (hugs & long).any():
        return np.zeros(components.count, np.bool_)
    filling = (tall > MIN_FILLING_LENGTH) & (wide > MIN_FILLING_LENGTH)
    narrow = length >= MIN_LINE_ELONGATION * np.minimum(height, width)
    corner = _corner_reach(components) > _corner_limits(components.shape, outer, filling)
    around = corner & ((tall > MIN_CORNER_LENGTH) | (wide > MIN_CORNER_LENGTH)) & long
    return hugs & ((narrow & long & ~filling) | around)


def _reaches_outer_zone(components: ComponentProperties) -> bool:
    """Tell whether any component has a pixel in the outer zone; a digit with a margin has none."""
    return any(
        abs((place + 0.5) / side - 0.5) > MIN_OUTER_DISTANCE
        for within, side in zip(components.box, components.shape, strict=True)
        for place in (within.start, within.stop - 1)
    )


def _corner_limits(shape: tuple[int, int], outer: Numbers, filling: Flags) -> Numbers:
    """Return how near each component must come to a corner to be a frame."""
    tip = 0.5 - TIP_PIXELS / min(max(shape), 2 * min(shape))
    if_filling = np.where(outer > MIN_HOLLOW_OUTER_INK, MIN_HOLLOW_CORNER_REACH, tip)
    return np.where(filling, if_filling, MIN_CORNER_REACH)


def _corner_reach(components: ComponentProperties) -> Numbers:
    """Return how near each component comes to one of the four corners, which is at 0.5."""
    height, width = components.shape
    y = abs((components.run_rows + 0.5) / height - 0.5)
    left = 0.5 - (components.run_starts + 0.5) / width
    right = (components.run_ends + 0.5) / width - 0.5
    reach = np.zeros(components.count)
    np.maximum.at(reach, components.runs.label, np.minimum(y, np.maximum(left, right)))
    return reach


@lru_cache(maxsize=CACHED_SHAPES)
def _outer_zone(shape: tuple[int, int]) -> NDArray[Any]:
    """Return which pixels are outer, in the order of ``pad_rows``."""
    return centre_distance(shape) > MIN_OUTER_DISTANCE
