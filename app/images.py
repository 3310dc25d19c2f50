"""From the bytes of an upload to grey pixels; nothing is scaled here."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from app.errors import (
    MalformedRequestError,
    TooManyPixelsError,
    UnreadableImageError,
    UnsupportedImageError,
)

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")

# Files that people send and that are not among the formats, by their first bytes.
_KNOWN_OTHERS = {
    b"%PDF": "PDF",
    b"<svg": "SVG",
    b"<?xm": "XML or SVG",
    b"<htm": "HTML",
    b"<!DO": "HTML",
    b"PK\x03\x04": "ZIP",
    b"8BPS": "Photoshop",
    b"\x00\x00\x01\x00": "ICO",
    b"data": "a data URL (send those as JSON)",
}


def open_image(data: bytes, *, max_pixels: int) -> Image.Image:
    """Return the image with its header read and nothing decoded.

    Units: ``max_pixels`` is width times height of the first frame.
    Raises: MalformedRequestError without any bytes; UnsupportedImageError for another type;
    UnreadableImageError for a broken header; TooManyPixelsError.
    """
    if not data:
        raise MalformedRequestError("image: expected the bytes of an image, got none")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixelsError(f"image: expected at most {max_pixels} pixels: {error}") from None
    except Exception:  # a parser may raise anything for bytes that it was not made for
        raise _unreadable_header(data) from None
    if image.width * image.height > max_pixels:
        raise TooManyPixelsError(
            f"image: expected at most {max_pixels} pixels, got {image.width}x{image.height}"
        )
    return image


def to_grey(image: Image.Image) -> NDArray[np.uint8]:
    """Decode an opened image: upright, over white, grey.

    Shapes: (H, W) uint8. A grey image of 8 bits comes out as it is, value by value.
    Raises: UnreadableImageError if the data behind the header is truncated or corrupt.
    """
    try:
        image.load()
        return np.asarray(_flatten(_upright(image)))
    except Exception as error:  # as above
        raise UnreadableImageError(
            f"image: expected a complete {image.format} file, got one that cannot be decoded "
            f"({type(error).__name__})"
        ) from None


def _upright(image: Image.Image) -> Image.Image:
    """Turn an image as its EXIF orientation says; an EXIF block that is broken says nothing."""
    try:
        if image.getexif().get(ExifTags.Base.Orientation, 1) == 1:
            return image
        return ImageOps.exif_transpose(image)
    except Exception:
        return image


def _flatten(image: Image.Image) -> Image.Image:
    """Return an image of any mode as 8-bit grey, transparency over white."""
    if image.mode == "L" and "transparency" not in image.info:
        return image
    if image.mode.startswith(("I", "F")):
        return _from_wide(image)
    if image.mode in ("LA", "PA", "La", "RGBA", "RGBa") or "transparency" in image.info:
        colour = image.convert("RGBA")
        white = Image.new("RGBA", colour.size, "white")
        return Image.alpha_composite(white, colour).convert("L")
    return image.convert("L")


def _from_wide(image: Image.Image) -> Image.Image:
    """Return grey of 16 bits, 32 bits or floating point as 8 bits."""
    values = np.nan_to_num(np.asarray(image).astype(np.float64))
    largest = values.max(initial=0)
    if image.mode.startswith("I;16") or largest > 255:
        values /= 257  # 65535 becomes 255
    elif image.mode == "F" and largest <= 1:
        values *= 255
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


def _unreadable_header(data: bytes) -> UnsupportedImageError | UnreadableImageError:
    """Tell a broken file of a supported type from one of another type."""
    if name := _supported_type(data):
        return UnreadableImageError(
            f"image: expected a complete {name} file, got {len(data)} bytes with a broken header"
        )
    found = next((name for magic, name in _KNOWN_OTHERS.items() if data.startswith(magic)), None)
    if data[4:8] == b"ftyp":
        found = "HEIC, AVIF or video"
    got = found or f"bytes that begin with {data[:8].hex(' ')}"
    return UnsupportedImageError(f"image: expected {', '.join(FORMATS)}, got {got}")


def _supported_type(data: bytes) -> str | None:
    signatures = {
        b"\x89PNG\r\n\x1a\n": "PNG",
        b"\xff\xd8\xff": "JPEG",
        b"GIF87a": "GIF",
        b"GIF89a": "GIF",
        b"BM": "BMP",
        b"II*\x00": "TIFF",
        b"MM\x00*": "TIFF",
    }
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return next((name for magic, name in signatures.items() if data.startswith(magic)), None)
