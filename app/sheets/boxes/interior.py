"""Interior of cells: a box has paper inside; a part of a texture is as dark inside as its sides."""

import cv2
import numpy as np

from app.sheets.boxes.support import Values
from app.sheets.page import Points
from model_core.preprocessing.image_ops.types import Grey8, Numbers

# Samples along and across the interior, and its margin in parts of a side.
SAMPLES, MARGIN = 12, 0.18

# Darkness from which on a place counts as filled, in parts of that of the palest rule; and up to
# which, in parts of that of the darkest.
SHARE, INK = 0.65, 1.8


def filled_shares(dark: Grey8, corners: Points, palest: Values, darkest: Values) -> Numbers:
    """Return the share of each cell's interior that is about as dark as its rules: (N,).

    What is much darker than the darkest rule is ink.
    """
    place = np.linspace(MARGIN, 1 - MARGIN, SAMPLES)
    x, y = (axis.ravel() for axis in np.meshgrid(place, place))
    weights = np.stack([(1 - x) * (1 - y), x * (1 - y), x * y, (1 - x) * y], axis=1)
    points = np.matmul(weights.astype(np.float32), corners.astype(np.float32))
    values = np.empty(points.shape[:2], np.float32)
    for first in range(0, len(points), 2**14):  # remap takes pictures of less than 2**15 rows
        part = slice(first, first + 2**14)
        values[part] = cv2.remap(dark, points[part], None, cv2.INTER_NEAREST)
    filled = (values >= SHARE * palest[:, None]) & (values <= INK * darkest[:, None])
    return np.asarray(filled.mean(axis=1))
