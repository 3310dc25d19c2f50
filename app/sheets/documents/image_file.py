"""Pages of image files: all those of a TIFF, the first frame of any other format."""

from PIL import Image

from app.images.colour import to_picture
from app.images.decoder import open_image, open_tiff_page
from app.images.structure.tiff_directory import page_offsets
from app.sheets.documents.page import (
    DocumentLimits,
    PagePicture,
    check_page_count,
    check_page_number,
)

# In pixels: a larger JPEG is decoded at 1/2, 1/4 or 1/8 of its size. Of a photo of 12 megapixels,
# as most phones take them, 3 are left: more than boxes are searched in.
WHOLE_PIXELS = 6_000_000


def read_image_page(data: bytes, number: int, limits: DocumentLimits) -> PagePicture:
    """Decode a page, from 0, of an image file.

    Raises: as ``open_image`` and ``to_picture``; SheetTooLargeError for a TIFF of too many pages;
    MalformedRequestError for a page that it does not have.
    """
    image = open_image(data, max_pixels=limits.max_pixels, max_scans=limits.max_scans)
    pages = 1
    if image.format == "TIFF":
        offsets = page_offsets(data, limits.max_pages + 1)
        pages = max(1, len(offsets))
        check_page_count(pages, limits, more="at least ")
        check_page_number(number, pages)
        if number:
            open_tiff_page(image, data, offsets[number], number, limits.max_pixels)
    check_page_number(number, pages)
    width, height = image.size
    _draft(image)
    picture = to_picture(image)
    if (picture.shape[0] > picture.shape[1]) != (height > width):
        width, height = height, width
    return PagePicture(picture, pages, width, height)


def _draft(image: Image.Image) -> None:
    """Reduce a large JPEG while it is decoded (Pillow's draft mode: libjpeg's scaled DCT)."""
    pixels = image.width * image.height
    if image.format not in ("JPEG", "MPO") or pixels <= WHOLE_PIXELS:
        return
    divisor = next(one for one in (2, 4, 8) if pixels <= WHOLE_PIXELS * one * one or one == 8)
    image.draft(None, (image.width // divisor, image.height // divisor))
