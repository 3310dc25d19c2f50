"""Small boxes in large photographs: they are left when the file is decoded at half its size."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from app.sheets.documents.image_file import read_image_page
from app.sheets.documents.page import DocumentLimits
from app.sheets.finder import find_boxes
from app.sheets.page import Points
from tests.support.forms import Form, count_found, draw_form, row

# Pixels of a photograph of 12 megapixels, and of it to one of A4 at 150 dots per inch.
WIDTH, HEIGHT, SCALE = 3024, 4032, 4032 / 1754

# Pixels of the photograph left of the form and above it.
LEFT, TOP = 300, 400

# Pixels at 150 dots per inch: such boxes are 3.4 mm wide.
SIDE = 20


def photograph(gap: float) -> tuple[bytes, Points]:
    """Return a JPEG of an A4 page with three rows of small boxes, and their corners (N, 4, 2)."""
    boxes = [
        box._replace(top=box.top + 60 * number) for number in range(3) for box in row(10, SIDE, gap)
    ]
    form = draw_form(boxes, width=1.5)
    large = cv2.resize(form.picture, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC)
    page = np.full((HEIGHT, WIDTH, 3), 245, np.uint8)
    page[TOP : TOP + large.shape[0], LEFT : LEFT + large.shape[1]] = large
    file = io.BytesIO()
    Image.fromarray(page).save(file, "JPEG", quality=90)
    return file.getvalue(), form.corners * SCALE + (LEFT, TOP)


@pytest.mark.parametrize("gap", [0, 8], ids=["touching", "separate"])
def test_boxes_of_3_mm_are_found_in_a_photograph_of_12_megapixels(gap: float) -> None:
    """A box of 46 pixels has 23 when the file is decoded, and 20 when it is searched."""
    data, corners = photograph(gap)

    picture = read_image_page(data, 0, DocumentLimits(1, WIDTH * HEIGHT, 100))
    page = find_boxes(picture.picture)

    assert list(picture.scale) == [2, 2]
    assert count_found(Form(picture.picture, corners / 2), page) == (30, 0)
