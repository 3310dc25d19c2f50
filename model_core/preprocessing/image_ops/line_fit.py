"""Line fit: the linear regression of places on the rows that they lie in."""

import numpy as np

from model_core.preprocessing.image_ops.types import Integers, Numbers


def stray_from_line(rows: Integers, places: Numbers) -> float:
    """Return the root mean square distance of places (N,) from their regression line, in pixels."""
    down, across = rows - rows.mean(), places - places.mean()
    slope = (down @ across) / max(float(down @ down), 1)
    return float(np.sqrt(np.mean((across - slope * down) ** 2)))
