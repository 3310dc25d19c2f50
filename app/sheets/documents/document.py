"""Pages of a document as pictures: PDF by its signature, else an image file."""

from app.sheets.documents.image_file import read_image_page
from app.sheets.documents.page import DocumentLimits, PagePicture
from app.sheets.documents.pdf import is_pdf, read_pdf_page


def read_page(data: bytes, number: int, limits: DocumentLimits) -> PagePicture:
    """Decode a page, from 0, of a PDF or TIFF, or the first frame of another image file.

    Raises: MalformedRequestError, UnsupportedImageError, UnreadableImageError, TooManyPixelsError
    as for pictures; SheetTooLargeError for a document of too many pages.
    """
    if is_pdf(data):
        return read_pdf_page(data, number, limits)
    return read_image_page(data, number, limits)
