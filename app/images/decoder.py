"""From the bytes of an upload to an opened image: of a supported type, within the limits."""

import io

from PIL import Image

from app.errors import (
    MalformedRequestError,
    TooManyPixelsError,
    UnreadableImageError,
    UnsupportedImageError,
)
from app.images.jpeg_scans import has_more_scans
from app.images.pillow_internals import tiff_tile_size
from app.settings import MAX_SCANS

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")

# Pixels of the shorter side that are enough to see a digit, even a small one in a corner.
ENOUGH = 1024

# Files that people send and that are not among the formats, by their first bytes.
_KNOWN_OTHERS = {
    b"%PDF": "PDF",
    b"<svg": "SVG",
    b"<?xm": "XML or SVG",
    b"<htm": "HTML",
    b"<!DO": "HTML",
    b"PK\x03\x04": "ZIP",
    b"\x1f\x8b": "gzip",
    b"8BPS": "Photoshop",
    b"\x00\x00\x01\x00": "ICO",
    b"data": "a data URL (send those as JSON)",
}


def open_image(data: bytes, *, max_pixels: int, max_scans: int = MAX_SCANS) -> Image.Image:
    """Return the image with its header read and nothing decoded.

    Units: ``max_pixels`` is width times height of the first frame, ``max_scans`` those of a JPEG.
    Raises: MalformedRequestError without any bytes; UnsupportedImageError for another type;
    UnreadableImageError for a broken header, or one that promises work without end;
    TooManyPixelsError.
    """
    if not data:
        raise MalformedRequestError("image: expected the bytes of an image, got none")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooManyPixelsError(
            f"image: expected at most {max_pixels} pixels, got many times as many"
        ) from None
    except Exception:  # a parser may raise anything for bytes that it was not made for
        raise _unreadable_header(data) from None
    width, height = size_to_decode(image)
    if width * height > max_pixels:
        raise TooManyPixelsError(
            f"image: expected at most {max_pixels} pixels, got {width}x{height}"
        )
    if image.mode == "LAB":
        raise UnsupportedImageError("image: expected grey, palette, RGB, YCbCr or CMYK, got LAB")
    if image.format in ("JPEG", "MPO") and has_more_scans(data, max_scans):
        raise UnreadableImageError(f"image: expected a JPEG of at most {max_scans} scans, got more")
    return image


def leave_out_detail(image: Image.Image) -> int:
    """Let the decoder of a large JPEG make it smaller by 2, 4 or 8, and return by how much.

    It then computes fewer pixels, which takes a third of the time and memory. Of the shorter side
    ENOUGH are left; a digit is looked for in 96, and looked at more closely if it is small.
    """
    width = image.width
    if image.format in ("JPEG", "MPO") and min(image.size) >= 2 * ENOUGH:
        image.draft("L", (ENOUGH, ENOUGH))
    return round(width / image.width)


def size_to_decode(image: Image.Image) -> tuple[int, int]:
    """Return width and height of what a decoder fills: the image, or a TIFF's tile if larger."""
    width, height = tiff_tile_size(image)
    return max(image.width, width), max(image.height, height)


def _unreadable_header(data: bytes) -> UnsupportedImageError | UnreadableImageError:
    """Tell a broken file of a supported type from one of another type."""
    if name := _supported_type(data):
        return UnreadableImageError(
            f"image: expected a complete {name} file of a common kind, got {len(data)} bytes whose "
            "header is broken or names another kind"
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
