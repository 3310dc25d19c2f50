"""Axis of most contrast in an image's colours, for ink and paper of the same brightness.

Brightness (luma) alone does not show red ink on a blue card. The chroma channels do: the axis is
the first principal component of their differences between places near each other.
"""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model_core.preprocessing.image_ops.order_statistics import quantile
from model_core.preprocessing.image_ops.types import Grey8

# Rows of (red, green, blue) -> blue and red chroma, without their offset of 128.
# Source: ITU-T T.871 (JFIF), section 7.
_CHROMA = np.array([[-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32)

# Pixels of the reduced copy's shorter side: a digit of half the height has strokes of two pixels.
_SIDE = 48

# Pixels of the image along a block of the reduced copy: their mean has an eighth of the noise.
_SAMPLES = 8

# Places are compared at 1 / this of the shorter side: wider than a stroke, and so near to each
# other that light and shadow hardly change.
_DISTANCE_DIVISOR = 8

# Quantile of differences that stands for the contrast: the strokes of a digit of a fifth of the
# picture's height take part in one difference of a hundred.
_QUANTILE = 0.99

# Grey levels: with more contrast in brightness, brightness is enough. Chosen above the 25 from
# which on it reads as well as colours do (`same_luminance` of benchmarks/scenes/colours.py).
_MAX_LUMA_CONTRAST = 30.0

# Levels of chroma: a lower contrast is noise or the tint of paper. Chosen as the least contrast
# that preprocessing takes for ink without a look at its edges (`MIN_CLEAR_CONTRAST` of ink.py).
_MIN_CHROMA_CONTRAST = 40.0

# How many times the contrast in brightness that in colour must be. Chosen so that noise, which is
# about the same in both, and ink or lines of a pale colour, which are darker, too, change nothing.
_MIN_RATIO = 3.0

# Values at each place (H, W), or their channels (H, W, C); or differences of them, (N,) or (N, C).
Values = NDArray[np.float32]

# Factors of red, green and blue, and an offset.
Axis = tuple[float, float, float, float]


def is_faint(grey: Grey8) -> bool:
    """Return whether a picture (H, W) has so little contrast that its colours may show more."""
    return _contrast(_differences(_reduce_grey(grey))) < _MAX_LUMA_CONTRAST


def find_axis(image: Image.Image) -> Axis | None:
    """Return the axis of most contrast in a small RGB image; None if brightness shows as much.

    ``image.convert("L", axis)`` gives the picture along it, its mean at the middle grey.
    """
    colours = np.asarray(_reduce(image), np.float32)
    luma = np.asarray(_reduce(image).convert("L"), np.float32)
    chroma = colours @ _CHROMA.T
    differences = _differences(chroma)
    direction = np.linalg.eigh(differences.T @ differences)[1][:, -1]
    contrast = _contrast(differences @ direction)
    if contrast < max(_MIN_CHROMA_CONTRAST, _MIN_RATIO * _contrast(_differences(luma))):
        return None
    red, green, blue = (direction @ _CHROMA).tolist()
    return red, green, blue, 127.5 - float((chroma @ direction).mean())


def sample(image: Image.Image) -> Image.Image:
    """Return a small copy of an image of any mode, with every n-th pixel of each n-th row."""
    step = sampling_step(image.size)
    size = (math.ceil(image.width / step), math.ceil(image.height / step))
    return image.resize(size, Image.Resampling.NEAREST)


def sampling_step(size: tuple[int, ...]) -> int:
    """Return the distance of the pixels that are looked at, for an image of this size."""
    return max(1, min(size) // (_SIDE * _SAMPLES))


def _reduce_grey(grey: Grey8) -> Values:
    step = sampling_step(grey.shape)
    return np.asarray(_reduce(Image.fromarray(grey[::step, ::step])), np.float32)


def _reduce(image: Image.Image) -> Image.Image:
    """Return the means of square blocks; the shorter side has at least _SIDE of them."""
    factor = min(image.size) // _SIDE
    return image.reduce(factor) if factor > 1 else image


def _differences(values: Values) -> Values:
    """Return the differences of all pairs of places at a distance, down and across.

    Shapes: (H, W) or (H, W, C) -> (N,) or (N, C).
    """
    apart = max(1, min(values.shape[:2]) // _DISTANCE_DIVISOR)
    down = values[apart:] - values[:-apart]
    across = values[:, apart:] - values[:, :-apart]
    rest = values.shape[2:]
    return np.concatenate([down.reshape(-1, *rest), across.reshape(-1, *rest)])


def _contrast(differences: Values) -> float:
    """Return the quantile of absolute differences that stands for the contrast."""
    if not len(differences):
        return 0.0
    return quantile(np.sort(abs(differences), axis=None), _QUANTILE)
