"""Opening of uploaded image files with Pillow: format detection and limits."""

import io
import math
import warnings
from importlib import import_module

from PIL import Image

from app.errors import (
    MalformedRequestError,
    TooManyPixelsError,
    UnreadableImageError,
    UnsupportedImageError,
)
from app.images.pillow_internals import tiff_tile_size
from app.images.signatures import describe_unsupported, supported_format
from app.images.structure.check import check_structure
from app.images.structure.tiff import check_tiff
from app.settings import MAX_SCANS

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")

# Loaded at the start. Otherwise Pillow loads all its 45 plugins for the first WebP or TIFF file.
_PLUGINS = ("Bmp", "Gif", "Jpeg", "Mpo", "Png", "Ppm", "Tiff", "WebP")
for _name in _PLUGINS:
    import_module(f"PIL.{_name}ImagePlugin")

# Pixels of the shorter side after a reduced decoding. Preprocessing searches for the digit at a
# shorter side of 96 pixels; 1024 leave enough detail for a small digit in a corner.
DRAFT_SIDE = 1024

# Reductions that libjpeg can do while it decodes, the largest first.
_DIVISORS = (8, 4, 2)

# In pixels, before the reduction. Phones have cameras of 108 megapixels. However small it is
# decoded, a progressive JPEG takes three to six bytes of memory for each of these pixels, and about
# a second for this many.
MAX_JPEG_PIXELS = 120_000_000

# Longest side of an image. Decoders work by rows: 25 million rows of one pixel take a second and
# hundreds of megabytes.
MAX_SIDE = 2**20


def open_image(
    data: bytes,
    *,
    max_pixels: int,
    max_scans: int = MAX_SCANS,
) -> Image.Image:
    """Open an image file: check its structure and size, without decoding pixels.

    Units: ``max_pixels`` is width times height of the first frame as it is decoded: of a large
    JPEG, after ``draft_jpeg``. ``max_scans`` is the number of scans in a JPEG.
    Raises: MalformedRequestError for no bytes; UnsupportedImageError for another format;
    UnreadableImageError for a broken header or too many scans, chunks, strips or other elements;
    TooManyPixelsError.
    """
    if not data:
        raise MalformedRequestError("image: expected the bytes of an image, got none")
    check_structure(data, max_scans=max_scans)
    image = _open_with_pillow(data, max_pixels)
    _check_image(image, max_pixels)
    return image


def open_tiff_page(
    image: Image.Image, data: bytes, start: int, number: int, max_pixels: int
) -> None:
    """Go to a later page of an opened TIFF, whose directory is at an offset; check it as the first.

    Raises: as ``open_image``.
    """
    check_tiff(data, start)
    try:
        image.seek(number)
    except MemoryError:
        raise
    except Exception:  # as above
        raise _header_error(data) from None
    _check_image(image, max_pixels)


def _check_image(image: Image.Image, max_pixels: int) -> None:
    _check_size(image, max_pixels)
    if image.mode == "LAB":
        raise UnsupportedImageError("image: expected grey, palette, RGB, YCbCr or CMYK, got LAB")


def _open_with_pillow(data: bytes, max_pixels: int) -> Image.Image:
    try:
        if supported_format(data) == "JPEG":
            return _open_large(data)
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        limit = _limit(data, max_pixels)
        raise TooManyPixelsError(f"image: expected {limit}, got a much larger image") from None
    except MemoryError:  # not the fault of the file
        raise
    except Exception:  # Pillow's parsers raise exceptions of many types for invalid files
        raise _header_error(data) from None


def _open_large(data: bytes) -> Image.Image:
    """Open a file without Pillow's warning about its size, which is checked later."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(io.BytesIO(data), formats=FORMATS)


def _limit(data: bytes, max_pixels: int) -> str:
    """Return the limit of an image that is far too large: that of a JPEG before its reduction."""
    if supported_format(data) == "JPEG":
        return f"a JPEG of at most {max(max_pixels, MAX_JPEG_PIXELS)} pixels"
    return f"at most {max_pixels} pixels"


def _check_size(image: Image.Image, max_pixels: int) -> None:
    """Check the number of pixels before and after ``draft_jpeg``, and the longest side."""
    width, height = decoded_size(image)
    divisor = draft_divisor(image)
    largest = max(max_pixels, MAX_JPEG_PIXELS)
    if divisor > 1 and width * height > largest:
        raise TooManyPixelsError(
            f"image: expected a JPEG of at most {largest} pixels, got {width}x{height}"
        )
    if math.ceil(width / divisor) * math.ceil(height / divisor) > max_pixels:
        reduced = f", decoded at 1/{divisor} of its size" if divisor > 1 else ""
        raise TooManyPixelsError(
            f"image: expected at most {max_pixels} pixels, got {width}x{height}{reduced}"
        )
    if max(width, height) > MAX_SIDE:
        raise TooManyPixelsError(
            f"image: expected sides of at most {MAX_SIDE} pixels, got {width}x{height}"
        )


def draft_divisor(image: Image.Image) -> int:
    """Return by how much ``draft_jpeg`` reduces an image: 2, 4 or 8 for a large JPEG, else 1."""
    if image.format not in ("JPEG", "MPO"):
        return 1
    return next((one for one in _DIVISORS if min(image.size) >= one * DRAFT_SIDE), 1)


def draft_jpeg(image: Image.Image, *, in_colour: bool = False) -> int:
    """Reduce a large JPEG to 1/2, 1/4 or 1/8 of its size while it is decoded; return the divisor.

    It is decoded in grey, or ``in_colour``. The shorter side keeps at least DRAFT_SIDE pixels; the
    divisor of any other image is 1. Decoding takes a third of the time and memory (Pillow's draft
    mode: libjpeg's scaled inverse DCT).
    """
    divisor = draft_divisor(image)
    if divisor > 1:
        image.draft(None if in_colour else "L", (DRAFT_SIDE, DRAFT_SIDE))
    return divisor


def decoded_size(image: Image.Image) -> tuple[int, int]:
    """Return width and height of the decoder's buffer: the image, or a larger tile of a TIFF."""
    width, height = tiff_tile_size(image)
    return max(image.width, width), max(image.height, height)


def _header_error(data: bytes) -> UnsupportedImageError | UnreadableImageError:
    """Return the error of a file that Pillow cannot open: broken, or of an unsupported format."""
    if name := supported_format(data):
        return UnreadableImageError(
            f"image: expected a complete {name} file of a supported kind, got {len(data)} bytes "
            "with a broken or unsupported header"
        )
    return UnsupportedImageError(
        f"image: expected {', '.join(FORMATS)}, got {describe_unsupported(data)}"
    )
