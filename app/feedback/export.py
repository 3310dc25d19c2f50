"""Export of feedback as a folder of pictures: ``<label>/<file>``."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from app.feedback.types import NO_DIGIT, StoredFeedback
from app.images.signatures import supported_format
from model_core.preprocessing.mnist_format import SIDE


def picture_png(pixels: bytes) -> bytes:
    """Encode the 784 bytes of a picture in MNIST's format as a PNG."""
    file = io.BytesIO()
    grey = np.frombuffer(pixels, np.uint8).reshape(SIDE, SIDE)
    Image.fromarray(grey).save(file, "PNG")
    return file.getvalue()


def write_picture(folder: Path, feedback: StoredFeedback) -> None:
    """Write a picture to the folder of its label; as it was sent, if it has its original.

    Raises: OSError.
    """
    label, original = feedback.picture.label, feedback.picture.original
    place = folder / (NO_DIGIT if label.digit is None else str(label.digit))
    place.mkdir(parents=True, exist_ok=True)
    if original is None:
        content, suffix = picture_png(feedback.picture.pixels), "png"
    else:
        content, suffix = original, (supported_format(original) or "bin").lower()
    (place / f"{feedback.id}.{suffix}").write_bytes(content)
