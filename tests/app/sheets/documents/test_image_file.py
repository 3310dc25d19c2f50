"""Pages of image files: orientation, reduction of large JPEG files, colours."""

import numpy as np
import pytest
from PIL import Image

from app.errors import TooManyPixelsError
from app.sheets.documents.document import read_page
from app.sheets.documents.page import DocumentLimits
from tests.support.documents import several_pages
from tests.support.pictures import encode

LIMITS = DocumentLimits(max_pages=5, max_pixels=25_000_000, max_scans=32)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_applied_to_colours(orientation: int) -> None:
    """A red corner is where the EXIF orientation puts it."""
    picture = np.zeros((20, 30, 3), np.uint8)
    picture[:5, :5, 0] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    page = read_page(encode(Image.fromarray(picture), exif=exif), 0, LIMITS)

    transposed = orientation > 4
    assert (page.width, page.height) == ((20, 30) if transposed else (30, 20))
    assert list(page.scale) == [1, 1]
    right, bottom = orientation in (2, 3, 6, 7), orientation in (3, 4, 7, 8)
    assert page.picture[-1 if bottom else 0, -1 if right else 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("size", [(6000, 4000), (4000, 3000)])
def test_a_large_jpeg_is_reduced(size: tuple[int, int]) -> None:
    """The size is that of the file, and the scale leads back to it."""
    page = read_page(encode(Image.new("RGB", size), "JPEG"), 0, LIMITS)

    assert (page.width, page.height) == size
    assert page.picture.shape == (size[1] // 2, size[0] // 2, 3)
    assert list(page.scale) == [2, 2]


def test_each_page_of_a_tiff_is_checked() -> None:
    """A later page may have too many pixels, too."""
    small, large = Image.new("L", (30, 20)), Image.new("L", (300, 200))
    data = several_pages("TIFF", small, large, small)
    limits = DocumentLimits(max_pages=5, max_pixels=1000, max_scans=32)

    assert read_page(data, 2, limits).picture.shape == (20, 30)
    with pytest.raises(TooManyPixelsError):
        read_page(data, 1, limits)
