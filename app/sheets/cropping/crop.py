"""Content of a box: rectified, in grey, without the rules of its frame and its neighbours' ink."""

import cv2
import numpy as np

from app.sheets.cropping.drop_out import to_grey
from app.sheets.cropping.frame_removal import paper_darkness, remove_frame
from app.sheets.cropping.ink import keep_own_ink
from app.sheets.page import Box, Picture, Points
from model_core.preprocessing.image_ops.types import Grey8

# Pixels: the shorter side of a box in its patch is between these, and the longer one at most this.
LEAST, MOST, LONGEST = 48, 88, 400

# What is seen around a box, in parts of its shorter side: ink that crosses its frame.
MARGIN = 0.2


def crop_box(picture: Picture, box: Box) -> Grey8:
    """Return the content of a box on even paper; a box without ink gives a patch of one value.

    Shapes: ``picture`` (H, W) grey or (H, W, 3) RGB -> (h, w) uint8.
    """
    patch, margin = rectify_box(picture, box.corners)
    dark = remove_frame(paper_darkness(to_grey(patch, margin)), margin)
    return np.asarray(cv2.bitwise_not(keep_own_ink(dark, margin)), np.uint8)


def rectify_box(picture: Picture, corners: Points) -> tuple[Picture, int]:
    """Return a box with a margin around it, its sides upright, and the margin in pixels."""
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = float(sides[::2].mean()), float(sides[1::2].mean())
    scale = float(np.clip(min(width, height), LEAST, MOST)) / max(min(width, height), 1)
    scale = min(scale, LONGEST / max(width, height, 1))
    wide, high = max(8, round(width * scale)), max(8, round(height * scale))
    margin = max(3, round(MARGIN * min(wide, high)))
    part, offset, reduction = _surroundings(picture, corners, 1 / scale)
    target = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32) + margin
    source = ((corners - offset) * reduction).astype(np.float32)
    transform = cv2.getPerspectiveTransform(source, target - 0.5)
    size = (wide + 2 * margin, high + 2 * margin)
    method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR
    warped = cv2.warpPerspective(
        part, transform, size, flags=method, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, np.uint8), margin


def _surroundings(
    picture: Picture, corners: Points, reduce: float
) -> tuple[Picture, Points, float]:
    """Return the picture around a box, its place, and the factor by which it was resized.

    It is resized by means over whole blocks: they are much faster than means over other areas.
    """
    height, width = picture.shape[:2]
    low, high = corners.min(axis=0), corners.max(axis=0)
    spare = 0.5 * (high - low).max() + 2
    left, top = (max(0, int(edge - spare)) for edge in low)
    right, bottom = (int(edge + spare) for edge in high)
    part = picture[top : min(bottom, height), left : min(right, width)]
    if not part.size:
        return picture[:1, :1], corners[0], 1.0
    block = min(int(reduce + 0.2), *part.shape[:2])
    if block < 2:
        return part, np.array([left, top], float), 1.0
    size = (part.shape[1] // block, part.shape[0] // block)
    whole = part[: size[1] * block, : size[0] * block]
    small = cv2.resize(whole, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), np.array([left, top], float), 1 / block
