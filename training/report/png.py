"""PNG encoding of images of digits: one by one, or all on one contact sheet."""

import io
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.image import imsave
from numpy.typing import NDArray

NO_METADATA: dict[str, Any] = {"Software": None}
COLUMNS = 10
GAP = 2
ENLARGED = 3  # pixels of the sheet per pixel of an image


def digit_png(image: NDArray[Any]) -> bytes:
    """Encode one image as PNG without scaling.

    Shapes: (H, W) uint8, or floats in 0..1; light ink on black.
    """
    stream = io.BytesIO()
    top = 255 if image.dtype == np.uint8 else 1
    imsave(stream, image, cmap="gray", vmin=0, vmax=top, format="png", metadata=NO_METADATA)
    return stream.getvalue()


def sheet_png(images: Sequence[NDArray[np.uint8]]) -> bytes:
    """Arrange images on one contact sheet, in reading order.

    Shapes: each (28, 28) uint8; at least one.
    """
    side = images[0].shape[0] + GAP
    rows, columns = math.ceil(len(images) / COLUMNS), min(COLUMNS, len(images))
    sheet = np.full((rows * side + GAP, columns * side + GAP), 90, np.uint8)
    for number, image in enumerate(images):
        top, left = (GAP + place * side for place in divmod(number, COLUMNS))
        sheet[top : top + len(image), left : left + len(image)] = image
    return digit_png(sheet.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1))
