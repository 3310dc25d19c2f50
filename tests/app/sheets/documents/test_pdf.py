"""Rendering of PDF pages."""

import math

import pytest

from app.sheets.documents.document import read_page
from app.sheets.documents.page import DocumentLimits
from app.sheets.documents.pdf import is_pdf, render_scale
from tests.support.documents import pdf

LIMITS = DocumentLimits(max_pages=5, max_pixels=25_000_000, max_scans=32)


@pytest.mark.parametrize(
    ("width", "height"), [(595, 842), (14_400, 14_400), (1, 1e6), (1e6, 1e6), (0, 0), (1e-9, 1e9)]
)
def test_a_page_has_200_dpi_or_as_many_pixels_as_allowed(width: float, height: float) -> None:
    """A4 is rendered at 200 dpi; no page has more pixels than the limit."""
    scale = render_scale(width, height, 8_000_000)

    assert 0 < scale <= 200 / 72
    assert math.ceil(width * scale) * math.ceil(height * scale) <= 8_000_000
    assert (scale == 200 / 72) == (width in (595, 0))


def test_the_content_of_a_page_is_drawn() -> None:
    """Black at the left, white at the right, upright."""
    page = read_page(pdf(2, content=b"0 421 297 421 re f"), 1, LIMITS)

    assert (page.pages, page.width, page.height) == (2, 1653, 2339)
    assert page.picture.shape == (2339, 1653, 3)
    assert page.picture[100, 100].tolist() == [0, 0, 0]
    assert page.picture[2000, 100].tolist() == page.picture[100, 1500].tolist() == [255] * 3


def test_the_signature_may_come_after_some_bytes() -> None:
    """As viewers accept it."""
    assert is_pdf(bytes(1024) + pdf())
    assert not is_pdf(bytes(1025) + pdf())
