"""Pictures of pages for display."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from app.inference.sheets.picture import MAX_SIDE, encode_picture


@pytest.mark.parametrize("shape", [(3000, 2000), (3000, 2000, 3)])
def test_a_large_page_is_reduced(shape: tuple[int, ...]) -> None:
    """Grey and coloured pages: the longer side is MAX_SIDE, the shorter one in proportion."""
    url = encode_picture(np.full(shape, 200, np.uint8))
    picture = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))

    assert picture.format == "JPEG"
    assert picture.size == (round(MAX_SIDE * 2 / 3), MAX_SIDE)
