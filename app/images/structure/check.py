"""Check of the structure of an image file of any supported format."""

from collections.abc import Callable

from app.images.structure.bmp import check_bmp
from app.images.structure.gif import check_gif
from app.images.structure.jpeg import check_jpeg
from app.images.structure.png import check_png
from app.images.structure.tiff import check_tiff
from app.images.structure.webp import check_webp
from app.settings import MAX_SCANS

# By the first two bytes: Pillow accepts several versions of the rest of a TIFF's signature.
_CHECKS: dict[bytes, Callable[[bytes], None]] = {
    b"\x89P": check_png,
    b"GI": check_gif,
    b"BM": check_bmp,
    b"II": check_tiff,
    b"MM": check_tiff,
    b"RI": check_webp,
}


def check_structure(image: bytes, *, max_scans: int = MAX_SCANS) -> None:
    """Count the elements of an image file, without decoding it; other bytes pass.

    Raises: UnreadableImageError if the file has more of an element than its limit.
    """
    start = image[:2]
    if start == b"\xff\xd8":
        check_jpeg(image, max_scans)
    elif check := _CHECKS.get(start):
        check(image)
