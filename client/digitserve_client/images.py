"""Images as callers have them, and as files to send."""

import io
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from digitserve_client.png import encode_array


class SupportsRead(Protocol):
    """File that is open in binary mode."""

    def read(self) -> bytes:
        """Return the rest of the file."""


class SupportsArray(Protocol):
    """NumPy array or image of Pillow."""

    @property
    def __array_interface__(self) -> dict[str, Any]:
        """Shape and type of the elements."""


# A path, the bytes of a file, an open file, a NumPy array or an image of Pillow.
ImageSource = str | os.PathLike[str] | bytes | bytearray | memoryview | SupportsRead | SupportsArray


class ImageFile(NamedTuple):
    """Content of an image file, and its name."""

    name: str
    content: bytes


def read_image(source: ImageSource) -> ImageFile:
    """Return the file of an image.

    Raises: OSError if it cannot be read; TypeError for another type; ValueError for an array that
    is no image.
    """
    if isinstance(source, str | os.PathLike):
        return ImageFile(Path(source).name, Path(source).read_bytes())
    if isinstance(source, bytes | bytearray | memoryview):
        return ImageFile("image", bytes(source))
    if _is_pillow_image(source):
        return ImageFile("image.png", _encode_pillow_image(source))
    if hasattr(source, "__array_interface__"):
        return ImageFile("image.png", encode_array(source))
    if hasattr(source, "read"):
        content = source.read()
        if isinstance(content, bytes):
            return ImageFile("image", content)
    raise TypeError(
        "image: expected a path, bytes, a file open in binary mode, a NumPy array or an image of "
        f"Pillow, got {type(source).__name__}"
    )


def _is_pillow_image(source: Any) -> bool:
    pillow = sys.modules.get("PIL.Image")  # whoever has an image has imported it
    return pillow is not None and isinstance(source, pillow.Image)


def _encode_pillow_image(image: Any) -> bytes:
    file = io.BytesIO()
    image.save(
        file, "PNG" if image.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16") else "TIFF"
    )
    return file.getvalue()
