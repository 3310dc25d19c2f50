"""Pictures that the library accepts, and their bytes as an upload."""

import io
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.errors import MalformedRequestError

# Path of a file, the bytes of a file, pixels, or an opened image.
Picture = str | os.PathLike[str] | bytes | NDArray[np.generic] | Image.Image

# Pillow's modes that PNG has; others are converted to RGB, or with transparency to RGBA.
_PNG_MODES = {"1", "L", "LA", "I;16", "P", "RGB", "RGBA"}

_PIXEL_TYPES = "expected uint8, uint16, bool, or float in 0..1"


def to_upload(picture: Picture) -> bytes:
    """Return a picture as the bytes of a file; pixels become a PNG, which loses none.

    Raises: OSError if a file cannot be read; MalformedRequestError for another type, shape or
    range of values.
    """
    if isinstance(picture, bytes):
        return picture
    if isinstance(picture, str | os.PathLike):
        return Path(picture).read_bytes()
    if isinstance(picture, np.ndarray):
        return _to_png(_to_image(picture))
    if isinstance(picture, Image.Image):
        return _to_png(picture)
    raise MalformedRequestError(
        f"picture: expected a path, bytes, an array or a PIL image, got {type(picture).__name__}"
    )


def _to_image(pixels: NDArray[np.generic]) -> Image.Image:
    """Return an image of pixels, (H, W), or (H, W, C) with C of 1, 3 or 4."""
    shape = pixels.shape
    if pixels.size == 0 or not (pixels.ndim == 2 or (pixels.ndim == 3 and shape[2] in (1, 3, 4))):
        raise MalformedRequestError(
            f"array: expected the shape (H, W), (H, W, 3) or (H, W, 4), got {shape}"
        )
    flat = pixels[:, :, 0] if pixels.ndim == 3 and shape[2] == 1 else pixels
    return Image.fromarray(_to_integers(flat))


def _to_integers(pixels: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return pixels as uint8, or as uint16 if they are of that type and grey."""
    kind = pixels.dtype
    if kind == np.uint8 or (kind == np.uint16 and pixels.ndim == 2):
        return pixels
    if kind == np.bool_:
        return pixels.astype(np.uint8) * np.uint8(255)
    if not np.issubdtype(kind, np.floating):
        raise MalformedRequestError(f"array: {_PIXEL_TYPES}, got {kind}")
    values = pixels.astype(np.float64)
    if not (values.min() >= 0 and values.max() <= 1):  # NaN is neither
        raise MalformedRequestError(
            f"array: {_PIXEL_TYPES}, got values from {values.min():g} to {values.max():g}"
        )
    return np.rint(values * 255).astype(np.uint8)


def _to_png(image: Image.Image) -> bytes:
    if image.mode not in _PNG_MODES:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1, exif=image.getexif())
    return file.getvalue()
