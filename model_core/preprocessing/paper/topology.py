"""Ink that fills a picture is in one piece, and cuts the paper up."""

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.image_ops.component_properties import Parts
from model_core.preprocessing.image_ops.connected_components import find_parts, in_rows
from model_core.preprocessing.paper.evenness import opening

Mask = NDArray[np.bool_]

# Ink is at most this share of a picture; what has less than that share of it is a speck.
MOST = 0.8
SPECK = 0.01
# A hole holds a square of this part of the box around it and its surroundings, or of this one.
WIDE, NARROW = 4, 6


def light_cuts_up_dark(light: Mask, likely: bool | None) -> bool | None:
    """Tell which is in one piece, the other cut up by it: the light, or the dark (False).

    Shapes: (H, W) bool. None if neither is so, or if one of the pieces may be a stroke itself:
    narrower ones are no strokes if the answer is the ``likely`` one.
    """
    if not 1 - MOST < np.count_nonzero(light) / light.size < MOST:
        return None
    pieces = [_find(mask) for mask in (light, ~light)]
    single = [len(found) == 1 for found in pieces]
    if single[0] == single[1]:
        return None
    is_light = single[0]
    rest = ~light if is_light else light
    part = NARROW if is_light is likely else WIDE
    cut_up = all(_is_paper(rest, piece, part) for piece in pieces[is_light])
    return is_light if cut_up else None


def _find(mask: Mask) -> list[tuple[slice, slice]]:
    """Return the boxes around the connected parts of a mask, without specks."""
    flat = in_rows(mask.astype(np.float32))
    parts = Parts(find_parts(flat > 0, mask.shape), flat)
    boxes = zip(parts.top, parts.bottom, parts.left, parts.right, parts.size, strict=True)
    return [
        (slice(int(top), int(bottom) + 1), slice(int(left), int(right) + 1))
        for top, bottom, left, right, size in boxes
        if size >= SPECK * mask.size
    ]


def _is_paper(mask: Mask, box: tuple[slice, slice], part: int) -> bool:
    """Tell whether a piece lies at the border, or is as wide as the hole of a letter."""
    rows, columns = box
    if rows.start == 0 or columns.start == 0:
        return True
    if rows.stop == mask.shape[0] or columns.stop == mask.shape[1]:
        return True
    around = 1 + max(rows.stop - rows.start, columns.stop - columns.start) // 4
    return bool(opening(np.pad(mask[box].astype(np.float32), around), part).max() > 0)
