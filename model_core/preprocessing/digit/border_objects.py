"""Which parts of the ink come from outside: frames, lines, a neighbour, the corner of a table."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.image_ops.component_properties import Flags, Parts, distance

# What is farther from the middle than this is at the border; the border itself is at 0.5.
OUTER = 0.36
# What has more than this share of its ink there is hollow.
HOLLOW = 0.85

# What is shorter than this share of the picture's side and lies at the border with this share of
# its own comes from outside, if it fills its box to this share or is so many times as long as wide.
CUT_OFF, FLAT, SOLID, BAR = 0.4, 0.6, 0.45, 3


def from_outside(parts: Parts) -> Flags:
    """Tell which parts are no digit, for where they lie: along the border, or cut off by it."""
    outside: Flags = _is_frame(parts) | _is_cut_off(parts)
    return outside


def touches(parts: Parts) -> Flags:
    """Tell which parts lie at the border, or all but."""
    tall, wide = parts.runs.shape
    down, across = tall // 40, wide // 40
    result: Flags = (
        (parts.top <= down)
        | (parts.left <= across)
        | (parts.bottom >= tall - 1 - down)
        | (parts.right >= wide - 1 - across)
    )
    return result


def _is_frame(parts: Parts) -> Flags:
    """Tell which parts run along the border: beside a digit, as a line, or around a corner."""
    outer = parts.add_pixels(parts.flat * _outer(parts.runs.shape)) / parts.mass
    hugs: Flags = outer > 0.75
    if not hugs.any():
        return hugs
    height, width = parts.height, parts.width
    tall, wide = height / parts.runs.shape[0], width / parts.runs.shape[1]
    length, longest = np.maximum(height, width), max(parts.runs.shape)
    inside = ~hugs & (np.maximum(tall, wide) > 0.2)
    large = (tall > 0.6) & (wide > 0.6)
    line = (length >= 4 * np.minimum(height, width)) & (length > 0.25 * longest)
    # a digit may fill the picture, but has ink in the middle, and does not end in a corner's tip
    tip = 0.5 - 1.1 / min(longest, 2 * min(parts.runs.shape))
    large_limit = np.where(outer > HOLLOW, 0.46, tip)
    corner = _corner(parts) > np.where(large, large_limit, 0.4)
    around = corner & ((tall > 0.4) | (wide > 0.4)) & (length > 0.25 * longest)
    result: Flags = hugs & (bool(inside.any()) | (line & ~large) | around)
    return result


def _corner(parts: Parts) -> NDArray[Any]:
    """Return how near each part comes to one of the four corners, which is at 0.5."""
    height, width = parts.runs.shape
    y = abs((parts.rows + 0.5) / height - 0.5)
    x = np.maximum(0.5 - (parts.first + 0.5) / width, (parts.last + 0.5) / width - 0.5)
    result = np.zeros(parts.runs.count)
    np.maximum.at(result, parts.runs.part, np.minimum(y, x))
    return result


def _is_cut_off(parts: Parts) -> Flags:
    """Tell which parts are the end of something larger: short, a bar or a block at the border."""
    short: Flags = np.maximum(parts.height, parts.width) < CUT_OFF * min(parts.runs.shape)
    if not short.any():
        return short
    cut_off: Flags = short & (_is_bar(parts) | _is_block(parts))
    return cut_off


def _is_bar(parts: Parts) -> Flags:
    """Tell which parts are long, narrow, and along the border or close to it."""
    tall, wide = parts.runs.shape
    close = min(tall, wide) // 20
    beside = (parts.left <= close) | (parts.right >= wide - 1 - close)
    at_end = (parts.top <= close) | (parts.bottom >= tall - 1 - close)
    upright = beside & (parts.height >= BAR * parts.width)
    bar: Flags = upright | (at_end & (parts.width >= BAR * parts.height))
    return bar


def _is_block(parts: Parts) -> Flags:
    """Tell which parts lie with most of a side in the outermost pixels, and fill their box."""
    tall, wide = parts.runs.shape
    length = parts.last - parts.first + 1
    sides = (parts.first == 0, parts.last == wide - 1)
    ends = (parts.rows == 0, parts.rows == tall - 1)
    down = [parts.add(side.astype(np.intp)) / parts.height for side in sides]
    across = [parts.add(np.where(end, length, 0)) / parts.width for end in ends]
    flat = np.maximum.reduce([*down, *across]) >= FLAT
    block: Flags = flat & (parts.size >= SOLID * parts.height * parts.width)
    return block


@lru_cache(maxsize=64)
def _outer(shape: tuple[int, int]) -> Flags:
    """Return which pixels lie near the border, in order as ``in_rows``."""
    far: Flags = distance(shape) > OUTER
    return far
