"""MNIST's format: 28x28 pixels, light ink on black within 20x20, centred by mass."""

from dataclasses import dataclass

import numpy as np

from model_core.errors import ShapeError
from model_core.preprocessing.image_ops.types import WHITE, Grey8, Grey32, Mask
from model_core.preprocessing.steps import Step

# Pixels: the side of a picture, and of the box that holds the digit (from MNIST's description).
SIDE = 28
BOX = 20

# Grey level that the lightest pixel has at least: each of MNIST's 70,000 has a white one; a little
# less allows for lossy files.
MIN_PEAK = 250

# Pixels: how far the centre of mass may be from the middle along a side. Of MNIST's 70,000 it is at
# most 0.52; the rest allows for resampled copies.
MAX_OFF_CENTRE = 0.75

# Grey level of a stroke's pixels, and the share of them that lie in squares of 2x2 at most, if the
# strokes are a pixel wide. Of MNIST's 70,000, 8 have less: thin ones with soft edges.
STROKE_LEVEL = 100
MAX_THIN_SQUARES = 0.02

# Share of the ink's pixels that are grey: of these 8, each has 0.98 at least. A drawing that was
# shrunk by nearest neighbour, so that its strokes are in pieces, has 0.35 at most.
MIN_SOFT_EDGES = 0.6

# Weights (2, 28) of the sum along a side, and of the first moment.
_MOMENTS = np.array([np.ones(SIDE), np.arange(SIDE)], np.float32)

# The grey levels below the peak.
_BELOW_PEAK = bytes(range(MIN_PEAK))


@dataclass(slots=True)  # not frozen: creating frozen ones takes twice the time
class NormalisedImage:
    """A picture in MNIST's format, (28, 28) uint8, and the steps that led to it, in order.

    Units: ``trust`` is from 1, for a clean picture, to 0, for one that cannot be right: the
    classifier multiplies its reject threshold by it.
    """

    pixels: Grey8
    steps: tuple[Step, ...]
    trust: float = 1.0


def check_picture(pixels: Grey8) -> None:
    """Make sure that there is a picture.

    Raises: ShapeError for anything but two axes that are not empty.
    """
    if pixels.ndim != 2 or not pixels.size:
        raise ShapeError(f"pixels: expected shape (H, W), neither of them 0, got {pixels.shape}")


def is_mnist_format(pixels: Grey8) -> bool:
    """Tell whether a picture may be in MNIST's format already.

    Shapes: (H, W) uint8. All 70,000 pictures of MNIST are. One with hard strokes of a pixel is not.
    """
    if pixels.shape != (SIDE, SIDE):
        return False
    lightest = pixels.tobytes().translate(None, _BELOW_PEAK)
    if not lightest:
        return False
    grey = pixels.astype(np.float32)  # the numbers that are used of its products are exact
    columns = _MOMENTS.dot(grey)
    (ink, across), (down, _) = columns.dot(_MOMENTS.T).tolist()
    if max(abs(across / ink - SIDE / 2), abs(down / ink - SIDE / 2)) > MAX_OFF_CENTRE:
        return False
    if not (_fits_box(columns[0]) and _fits_box(grey.dot(_MOMENTS[0]))):
        return False
    inked = int(np.count_nonzero(pixels))
    soft = inked - lightest.count(WHITE) >= MIN_SOFT_EDGES * inked
    return soft or not are_strokes_a_pixel_wide(pixels > STROKE_LEVEL)


def are_mnist_format(pictures: Grey8) -> Mask:
    """Tell for each picture what ``is_mnist_format`` tells, for all in one call.

    Shapes: (N, 28, 28) uint8 -> (N,) bool.
    """
    grey = pictures.astype(np.float32)  # as above, exact
    columns = np.matmul(_MOMENTS, grey)
    moments = columns.dot(_MOMENTS.T).astype(np.float64)
    ink, across, down = moments[:, 0, 0], moments[:, 0, 1], moments[:, 1, 0]
    some = np.maximum(ink, 1)
    flat = pictures.reshape(-1, SIDE * SIDE)
    fits: Mask = flat.max(axis=1) >= MIN_PEAK
    for place in (across / some, down / some):
        fits &= np.abs(place - SIDE / 2) <= MAX_OFF_CENTRE
    rows = grey.reshape(-1, SIDE).dot(_MOMENTS[0]).reshape(-1, SIDE)
    for profile in (columns[:, 0], rows):
        inked = profile > 0
        fits &= SIDE - 1 - inked[:, ::-1].argmax(axis=1) - inked.argmax(axis=1) < BOX
    inked = (flat > 0).sum(axis=1, dtype=np.uint16)
    white = (flat == WHITE).sum(axis=1, dtype=np.uint16)
    for place in np.flatnonzero(fits & (inked - white < MIN_SOFT_EDGES * inked)):
        fits[place] = not are_strokes_a_pixel_wide(pictures[place] > STROKE_LEVEL)
    return fits


def _fits_box(profile: Grey32) -> bool:
    """Tell whether the ink along one side is within 20 pixels."""
    inked = profile.nonzero()[0]
    return int(inked[-1]) - int(inked[0]) < BOX


def are_strokes_a_pixel_wide(strokes: Mask) -> bool:
    """Tell whether strokes (H, W) are about a pixel wide: they hold hardly any square of 2x2."""
    down = strokes[1:] & strokes[:-1]
    squares = np.count_nonzero(down[:, 1:] & down[:, :-1])
    return bool(squares <= MAX_THIN_SQUARES * np.count_nonzero(strokes))
