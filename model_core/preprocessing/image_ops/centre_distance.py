"""Chebyshev distance of pixels from the centre of a picture, in shares of its sides."""

from functools import lru_cache

import numpy as np

from model_core.preprocessing.image_ops.connected_components import pad_rows
from model_core.preprocessing.image_ops.types import Grey32

# Pictures' shapes whose distances are kept: chosen so that they take less than 3 MB (96x96 pixels).
CACHED_SHAPES = 64


@lru_cache(maxsize=CACHED_SHAPES)
def centre_distance(shape: tuple[int, int]) -> Grey32:
    """Return each pixel's Chebyshev distance from the centre: 0 there, 0.5 at the border.

    Shapes: ``shape`` = (H, W) -> (H * (W + 1) + 1,) float32, in the order of ``pad_rows``; each
    axis is measured in shares of its length.
    """
    y, x = (abs((np.arange(side) + 0.5) / side - 0.5) for side in shape)
    return pad_rows(np.maximum(y[:, None], x).astype(np.float32))
