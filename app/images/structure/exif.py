"""Check of EXIF data, which has the structure of a TIFF file without an image.

Source: CIPA DC-008 (Exif 2.32), section 4.5.
"""

from app.images.structure.limits import EXIF_FIELDS, EXIF_FRACTIONS, EXIF_NUMBERS
from app.images.structure.tiff_directory import DirectoryLimits, check_directories, read_header

_PREFIX = b"Exif\0\0"
_LIMITS = DirectoryLimits(EXIF_FIELDS, EXIF_NUMBERS, EXIF_FRACTIONS)


def check_exif(exif: bytes) -> None:
    """Check the directories of EXIF data; anything that is not EXIF data passes.

    Raises: UnreadableImageError if a directory has more of an element than its limit.
    """
    exif = exif.removeprefix(_PREFIX).removeprefix(_PREFIX)
    if header := read_header(exif):
        check_directories(exif, *header, _LIMITS)
