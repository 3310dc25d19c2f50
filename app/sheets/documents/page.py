"""Values of a document: its limits, and a page as a picture."""

from typing import NamedTuple

from app.errors import MalformedRequestError, SheetTooLargeError
from app.images.colour import Picture


class DocumentLimits(NamedTuple):
    """Limits of a document.

    Units: ``max_pixels`` is width times height of a page as it is decoded, ``max_scans`` the number
    of scans in a JPEG.
    """

    max_pages: int
    max_pixels: int
    max_scans: int


class PagePicture(NamedTuple):
    """A page as a picture, and the number of pages in its document.

    Units: ``width`` and ``height`` in pixels as sent, orientation applied; ``picture`` may have
    fewer.
    """

    picture: Picture
    pages: int
    width: int
    height: int

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels as sent for each pixel of the picture, in x and y."""
        height, width = self.picture.shape[:2]
        return self.width / width, self.height / height


def check_page_number(number: int, count: int) -> None:
    """Raise MalformedRequestError if none of ``count`` pages has the ``number``, from 0."""
    if number >= count:
        raise MalformedRequestError(f"page: expected 1 to {count}, got {number + 1}")


def check_page_count(count: int, limits: DocumentLimits, *, more: str = "") -> None:
    """Raise SheetTooLargeError if a document has too many pages; ``more`` is for the message."""
    if count > limits.max_pages:
        raise SheetTooLargeError(
            f"sheet: expected at most {limits.max_pages} pages, got {more}{count}"
        )
