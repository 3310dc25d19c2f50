"""Limits of the elements of image files, and the error of a file that exceeds one.

No correct picture of the usual test suites comes near them (docs/operations.md has the numbers).
"""

from dataclasses import dataclass

from app.errors import UnreadableImageError


@dataclass(frozen=True)
class Limit:
    """Largest number of one element in a file of one format."""

    file: str
    most: int
    element: str

    def check(self, count: int) -> None:
        """Raise UnreadableImageError if ``count`` is over the limit."""
        if count > self.most:
            raise UnreadableImageError(
                f"image: expected {self.file} of at most {self.most} {self.element}, got more"
            )


_METADATA = 8 * 2**20

PNG_CHUNKS = Limit("a PNG", 20_000, "chunks")
PNG_TEXTS = Limit("a PNG", 32, "iCCP, iTXt and zTXt chunks")
PNG_METADATA = Limit("a PNG", _METADATA, "bytes of metadata")

JPEG_SEGMENTS = Limit("a JPEG", 4_096, "segments")
JPEG_PADDING = Limit("a JPEG", 65_536, "bytes between its segments")
JPEG_FILL = Limit("a JPEG", 2**17, "fill bytes in a row")
JPEG_METADATA = Limit("a JPEG", _METADATA, "bytes of metadata")
JPEG_TABLES = Limit("a JPEG", 256 * 2**10, "bytes of tables")

GIF_BLOCKS = Limit("a GIF", 65_536, "data blocks before its first frame")
GIF_PADDING = Limit("a GIF", 65_536, "bytes between its blocks")
GIF_METADATA = Limit("a GIF", _METADATA, "bytes before its first frame")

# An escape counts as two codes, and the pixels that Pillow fills one by one count in addition.
BMP_CODES = Limit("a BMP", 2**19, "run-length codes")

TIFF_BLOCKS = Limit("a TIFF", 100_000, "strips or tiles")
TIFF_FIELDS = Limit("a TIFF", 1_024, "tags in a directory")
TIFF_NUMBERS = Limit("a TIFF", 2**20, "numbers in its tags")
TIFF_FRACTIONS = Limit("a TIFF", 4_096, "fractions in its tags")

WEBP_CHUNKS = Limit("a WebP", 20_000, "chunks")
WEBP_METADATA = Limit("a WebP", _METADATA, "bytes of metadata")

EXIF_FIELDS = Limit("EXIF data", TIFF_FIELDS.most, "tags in a directory")
EXIF_NUMBERS = Limit("EXIF data", TIFF_NUMBERS.most, "numbers in its tags")
EXIF_FRACTIONS = Limit("EXIF data", TIFF_FRACTIONS.most, "fractions in its tags")
