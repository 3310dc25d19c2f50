"""Rotation of images in steps of 90 degrees, by one angle or by all four."""

import numpy as np

from app.inference.types import ROTATIONS, Rotation
from model_core.preprocessing.image_ops.types import Grey8
from model_core.preprocessing.steps import Step, Turned

_ANGLES = tuple(int(one) for one in ROTATIONS if one != "auto")


def rotation_angles(rotation: Rotation) -> tuple[int, ...]:
    """Return the angles to try, in degrees clockwise; the first one is 0 if all are tried."""
    return _ANGLES if rotation == "auto" else (int(rotation),)


def rotate(grey: Grey8, angle: int, rotation: Rotation) -> tuple[Grey8, tuple[Step, ...]]:
    """Rotate an image clockwise by one of the angles of ``rotation``, and return the step for it.

    Shapes: (H, W) uint8 -> (H, W) or (W, H).
    """
    if rotation == "0":
        return grey, ()
    turned = np.ascontiguousarray(np.rot90(grey, -(angle // 90)))
    return turned, (Turned(angle, len(rotation_angles(rotation))),)
