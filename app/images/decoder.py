"""Opening of uploaded image files with Pillow: format detection and limits."""

import io
from importlib import import_module

from PIL import Image

from app.errors import (
    MalformedRequestError,
    TooManyPixelsError,
    UnreadableImageError,
    UnsupportedImageError,
)
from app.images.pillow_internals import tiff_tile_size
from app.images.structure.check import check_structure
from app.settings import MAX_SCANS

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")

# Loaded at the start. Otherwise Pillow loads all its 45 plugins for the first WebP or TIFF file.
_PLUGINS = ("Bmp", "Gif", "Jpeg", "Mpo", "Png", "Ppm", "Tiff", "WebP")
for _name in _PLUGINS:
    import_module(f"PIL.{_name}ImagePlugin")

# Pixels of the shorter side after a reduced decoding. Preprocessing searches for the digit at a
# shorter side of 96 pixels; 1024 leave enough detail for a small digit in a corner.
DRAFT_SIDE = 1024

# Longest side of an image. Decoders work by rows: 25 million rows of one pixel take a second and
# hundreds of megabytes.
MAX_SIDE = 2**20

# Signatures of common unsupported formats, for the error message.
_OTHER_SIGNATURES = {
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
    """Open an image file: check its structure and size, without decoding pixels.

    Units: ``max_pixels`` is width times height of the first frame, ``max_scans`` the number of
    scans in a JPEG.
    Raises: MalformedRequestError for no bytes; UnsupportedImageError for another format;
    UnreadableImageError for a broken header or too many scans, chunks, strips or other elements;
    TooManyPixelsError.
    """
    if not data:
        raise MalformedRequestError("image: expected the bytes of an image, got none")
    check_structure(data, max_scans=max_scans)
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooManyPixelsError(
            f"image: expected at most {max_pixels} pixels, got a much larger image"
        ) from None
    except MemoryError:  # not the fault of the file
        raise
    except Exception:  # Pillow's parsers raise exceptions of many types for invalid files
        raise _header_error(data) from None
    width, height = decoded_size(image)
    if width * height > max_pixels:
        raise TooManyPixelsError(
            f"image: expected at most {max_pixels} pixels, got {width}x{height}"
        )
    if max(width, height) > MAX_SIDE:
        raise TooManyPixelsError(
            f"image: expected sides of at most {MAX_SIDE} pixels, got {width}x{height}"
        )
    if image.mode == "LAB":
        raise UnsupportedImageError("image: expected grey, palette, RGB, YCbCr or CMYK, got LAB")
    return image


def draft_jpeg(image: Image.Image) -> int:
    """Reduce a large JPEG to 1/2, 1/4 or 1/8 of its size while it is decoded; return the divisor.

    The shorter side keeps at least DRAFT_SIDE pixels; the divisor of any other image is 1. Decoding
    takes a third of the time and memory (Pillow's draft mode: libjpeg's scaled inverse DCT).
    """
    width = image.width
    if image.format in ("JPEG", "MPO") and min(image.size) >= 2 * DRAFT_SIDE:
        image.draft("L", (DRAFT_SIDE, DRAFT_SIDE))
    return round(width / image.width)


def decoded_size(image: Image.Image) -> tuple[int, int]:
    """Return width and height of the decoder's buffer: the image, or a larger tile of a TIFF."""
    width, height = tiff_tile_size(image)
    return max(image.width, width), max(image.height, height)


def _header_error(data: bytes) -> UnsupportedImageError | UnreadableImageError:
    """Return the error of a file that Pillow cannot open: broken, or of an unsupported format."""
    if name := _supported_format(data):
        return UnreadableImageError(
            f"image: expected a complete {name} file of a supported kind, got {len(data)} bytes "
            "with a broken or unsupported header"
        )
    found = next(
        (name for magic, name in _OTHER_SIGNATURES.items() if data.startswith(magic)), None
    )
    if data[4:8] == b"ftyp":
        found = "HEIC, AVIF or video"
    got = found or f"bytes that begin with {data[:8].hex(' ')}"
    return UnsupportedImageError(f"image: expected {', '.join(FORMATS)}, got {got}")


def _supported_format(data: bytes) -> str | None:
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
