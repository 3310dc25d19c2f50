"""Pages of PDF files, rendered with PDFium, which is loaded for the first one."""

import math
from typing import TYPE_CHECKING

import numpy as np

from app.errors import UnreadableImageError
from app.sheets.documents.memory import memory_limit
from app.sheets.documents.page import (
    DocumentLimits,
    PagePicture,
    check_page_count,
    check_page_number,
)

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

# Resolution of a rendered page; less for a page that would have too many pixels.
DPI = 200
_POINTS_PER_INCH = 72

# In pixels, of a rendered page: A3 at 200 dpi has 7.7 million.
MAX_PAGE_PIXELS = 8_000_000

# Memory that rendering may take, in bytes: a scan of A4 at 600 dpi in colour takes 105 million.
MAX_BYTES = 220_000_000

# Viewers accept some bytes before the signature (PDF 1.7, implementation note 13).
_MAX_START = 1024


def is_pdf(data: bytes) -> bool:
    """Tell whether a file is a PDF, by its signature."""
    return b"%PDF-" in data[: _MAX_START + 5]


def read_pdf_page(data: bytes, number: int, limits: DocumentLimits) -> PagePicture:
    """Render a page, from 0, of a PDF.

    Raises: UnreadableImageError for a PDF that is broken or needs a password; SheetTooLargeError
    for one of too many pages; MalformedRequestError for a page that it does not have.
    """
    with memory_limit(MAX_BYTES):
        return _read_page(data, number, limits)


def _read_page(data: bytes, number: int, limits: DocumentLimits) -> PagePicture:
    from pypdfium2 import PdfiumError

    document = _open(data)
    try:
        count = len(document)
        check_page_count(count, limits)
        if count == 0:
            raise _broken("no page")
        check_page_number(number, count)
        document.init_forms()  # else what was typed into a form is not drawn
        return _render(document[number], count, limits)
    except PdfiumError as error:
        raise _broken(str(error)) from None
    finally:
        document.close()


def _open(data: bytes) -> "PdfDocument":
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        return PdfDocument(data)
    except PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableImageError(
                "image: expected a PDF without a password, got an encrypted one"
            ) from None
        raise _broken(str(error)) from None


def _render(page: "PdfPage", count: int, limits: DocumentLimits) -> PagePicture:
    width, height = page.get_size()
    scale = render_scale(width, height, min(limits.max_pixels, MAX_PAGE_PIXELS))
    bitmap = page.render(scale=scale, rev_byteorder=True)
    picture = np.array(bitmap.to_numpy()[:, :, :3])
    return PagePicture(picture, count, picture.shape[1], picture.shape[0])


def render_scale(width: float, height: float, max_pixels: int) -> float:
    """Return the pixels for each point of a page whose size is in points."""
    largest = math.sqrt(max_pixels / max(width * height, 1.0))
    scale = min(DPI / _POINTS_PER_INCH, largest)
    # PDFium rounds up; a page that is long and narrow has at least a pixel across.
    while math.ceil(width * scale) * math.ceil(height * scale) > max_pixels:
        scale *= 0.99
    return scale


def _broken(what: str) -> UnreadableImageError:
    return UnreadableImageError(f"image: expected a complete PDF file, got: {what}")
