"""Border objects: components that are no digit, as frames, lines, a neighbour, a table's corner."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.image_ops.centre_distance import CACHED_SHAPES, centre_distance
from model_core.preprocessing.image_ops.component_properties import ComponentProperties
from model_core.preprocessing.image_ops.types import Flags, Numbers

# Chebyshev distance from the centre, 0.5 at the border: from here on a pixel is outer. Chosen so
# that the outer zone is a seventh of the side wide.
MIN_OUTER_DISTANCE = 0.36

# Shares of a component's ink in the outer zone. With more than the first it runs along the border;
# with more than the second it is hollow, as a 0 that fills the picture also is.
MIN_FRAME_OUTER_INK = 0.75
MIN_HOLLOW_OUTER_INK = 0.85

# Shares of the picture's side. Something longer than the first in the middle makes what is around
# it a frame; with both sides longer than the second, it may be a digit that fills the picture; a
# frame is longer than the third, and with a corner it has a side longer than the fourth.
MIN_INSIDE_LENGTH = 0.2
MIN_FILLING_LENGTH = 0.6
MIN_FRAME_LENGTH = 0.25
MIN_CORNER_LENGTH = 0.4

# Length by width: a line of a frame; and a bar, the end of such a line, which is shorter.
MIN_LINE_ELONGATION = 4
MIN_BAR_ELONGATION = 3

# How near a component comes to a corner, which is at 0.5: a frame nearer than the first, a hollow
# one that may be a 0 nearer than the second, and a full one into the tip, this many pixels from the
# end. Chosen so that a thin 0 and a thin 3 that fill the picture are no frames.
MIN_CORNER_REACH = 0.4
MIN_HOLLOW_CORNER_REACH = 0.46
TIP_PIXELS = 1.1

# A component shorter than this share of the picture's shorter side may be the end of something
# larger. Chosen so that a piece of a neighbour is, and a whole digit is not.
MAX_CUT_OFF_LENGTH = 0.4

# Shares of a component that is a block at the border: of its side that lies in the outermost
# pixels, and of its bounding box that it fills. Chosen so that the corner of a table is one.
MIN_FLAT_SIDE = 0.6
MIN_BLOCK_EXTENT = 0.45

# Near the border is 1 / this of the side, for a bar (with a wider zone five of 200 empty cells with
# a crooked border were read as a 1, now one: `benchmarks.scenery`) and for any component.
BAR_ZONE_DIVISOR = 20
BORDER_ZONE_DIVISOR = 40


def is_border_object(components: ComponentProperties) -> Flags:
    """Tell which components run along the border, or are cut off by it."""
    border_objects: Flags = _is_frame(components) | _is_cut_off(components)
    return border_objects


def touches_border(components: ComponentProperties) -> Flags:
    """Tell which components reach the border, or come very near it."""
    tall, wide = components.shape
    down, across = tall // BORDER_ZONE_DIVISOR, wide // BORDER_ZONE_DIVISOR
    touching: Flags = (
        (components.top <= down)
        | (components.left <= across)
        | (components.bottom >= tall - 1 - down)
        | (components.right >= wide - 1 - across)
    )
    return touching


def _is_frame(components: ComponentProperties) -> Flags:
    """Tell which components run along the border: beside a digit, as a line, or around a corner."""
    outer_ink = components.sum_over_pixels(components.padded * _outer_zone(components.shape))
    outer = outer_ink / components.intensity_sum
    hugs: Flags = outer > MIN_FRAME_OUTER_INK
    if not hugs.any():
        return hugs
    height, width = components.height, components.width
    tall, wide = height / components.shape[0], width / components.shape[1]
    length = np.maximum(height, width)
    inside = ~hugs & (np.maximum(tall, wide) > MIN_INSIDE_LENGTH)
    filling = (tall > MIN_FILLING_LENGTH) & (wide > MIN_FILLING_LENGTH)
    long = length > MIN_FRAME_LENGTH * max(components.shape)
    narrow = length >= MIN_LINE_ELONGATION * np.minimum(height, width)
    corner = _corner_reach(components) > _corner_limits(components.shape, outer, filling)
    around = corner & ((tall > MIN_CORNER_LENGTH) | (wide > MIN_CORNER_LENGTH)) & long
    frames: Flags = hugs & (bool(inside.any()) | (narrow & long & ~filling) | around)
    return frames


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


def _is_cut_off(components: ComponentProperties) -> Flags:
    """Tell which components are the end of something larger: short, a bar or a block."""
    limit = MAX_CUT_OFF_LENGTH * min(components.shape)
    short: Flags = np.maximum(components.height, components.width) < limit
    if not short.any():
        return short
    cut_off: Flags = short & (_is_bar(components) | _is_block(components))
    return cut_off


def _is_bar(components: ComponentProperties) -> Flags:
    """Tell which components are long, narrow, and along the border or close to it."""
    tall, wide = components.shape
    zone = min(tall, wide) // BAR_ZONE_DIVISOR
    beside = (components.left <= zone) | (components.right >= wide - 1 - zone)
    at_end = (components.top <= zone) | (components.bottom >= tall - 1 - zone)
    height, width = components.height, components.width
    upright = beside & (height >= MIN_BAR_ELONGATION * width)
    level = at_end & (width >= MIN_BAR_ELONGATION * height)
    bars: Flags = upright | level
    return bars


def _is_block(components: ComponentProperties) -> Flags:
    """Tell which components lie with most of a side in the outermost pixels, and fill their box."""
    tall, wide = components.shape
    height, width = components.height, components.width
    in_sides = (components.run_starts == 0, components.run_ends == wide - 1)
    in_ends = (components.run_rows == 0, components.run_rows == tall - 1)
    length = components.run_ends - components.run_starts + 1
    down = [components.sum_over_runs(side.astype(np.intp)) / height for side in in_sides]
    across = [components.sum_over_runs(np.where(end, length, 0)) / width for end in in_ends]
    flat = np.maximum.reduce([*down, *across]) >= MIN_FLAT_SIDE
    blocks: Flags = flat & (components.area >= MIN_BLOCK_EXTENT * height * width)
    return blocks


@lru_cache(maxsize=CACHED_SHAPES)
def _outer_zone(shape: tuple[int, int]) -> NDArray[Any]:
    """Return which pixels are outer, in the order of ``pad_rows``."""
    return centre_distance(shape) > MIN_OUTER_DISTANCE
