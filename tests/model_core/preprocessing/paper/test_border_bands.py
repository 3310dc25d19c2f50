"""Bands along the border are found, and evened out or cut off."""

import numpy as np
import pytest

from model_core.preprocessing.image_ops.grey_image import GreyImage
from model_core.preprocessing.image_ops.types import Grey32
from model_core.preprocessing.paper.band_removal import remove_border_bands
from model_core.preprocessing.paper.border_bands import BorderBands, find_border_bands


def picture() -> Grey32:
    """Return black paper of 60x50 pixels with a light stroke in the middle."""
    grey = np.zeros((60, 50), np.float32)
    grey[20:40, 23:27] = 200
    return grey


def banded(*sides: str) -> Grey32:
    """Return the picture with bands of 4 pixels on some sides."""
    grey = picture()
    parts = {"top": grey[:4], "bottom": grey[-4:], "left": grey[:, :4], "right": grey[:, -4:]}
    for side in sides:
        parts[side][:] = 200
    return grey


def found(grey: Grey32) -> BorderBands:
    """Return the bands of a picture that has some."""
    bands = find_border_bands(GreyImage(grey))
    assert bands is not None
    return bands


@pytest.mark.parametrize(
    "sides", [("top", "left"), ("left", "right"), ("top", "bottom", "left", "right")]
)
def test_bands_on_two_sides_or_more_are_found(sides: tuple[str, ...]) -> None:
    """With what lies between them."""
    bands = found(banded(*sides))

    rows, columns = bands.inner
    assert bands.sides == len(sides)
    assert (rows.start, rows.stop) == (4 * ("top" in sides), 60 - 4 * ("bottom" in sides))
    assert (columns.start, columns.stop) == (4 * ("left" in sides), 50 - 4 * ("right" in sides))


@pytest.mark.parametrize("sides", [(), ("left",), ("top",)])
def test_one_side_alone_may_be_a_stroke(sides: tuple[str, ...]) -> None:
    """There are no bands on fewer than two sides."""
    assert find_border_bands(GreyImage(banded(*sides))) is None


def test_bare_bands_are_cut_off() -> None:
    """The paper with the stroke is left."""
    grey = banded("top", "bottom", "left", "right")

    flattened, box = remove_border_bands(grey, found(grey))

    np.testing.assert_array_equal(flattened[box], picture()[4:-4, 4:-4])


def test_a_band_with_ink_is_kept_and_evened_out() -> None:
    """Ink is what differs from the band."""
    grey = banded("left", "right")
    grey[25:35, :4] = 20

    flattened, (rows, columns) = remove_border_bands(grey, found(grey))

    assert (rows, columns) == (slice(0, 60), slice(0, 46))
    assert flattened[25:35, :4].min() == 180
    assert not flattened[:20, :4].any()


def test_bands_of_a_negative_are_those_of_its_negative() -> None:
    """At the same place, with the levels turned round."""
    grey = banded("left", "right")

    bands, negative = found(grey).negative(), found(255 - grey)

    assert bands.inner == negative.inner
    np.testing.assert_array_equal(bands.columns.medians, negative.columns.medians)
