"""Picture of a page for display: a JPEG of limited size in a data: URL."""

import base64
import io

from PIL import Image

from app.images.colour import Picture

# Pixels of the longer side: boxes of an A4 page are legible, and the JPEG has about 200 KB.
MAX_SIDE = 1600

_QUALITY = 75


def encode_picture(picture: Picture) -> str:
    """Return a picture (H, W) or (H, W, 3) uint8, reduced to MAX_SIDE, as a data: URL."""
    image = Image.fromarray(picture)
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BOX, reducing_gap=None)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
