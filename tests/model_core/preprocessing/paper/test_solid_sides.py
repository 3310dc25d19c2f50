"""Thick borders on two or three sides of a cell."""

import numpy as np
import pytest

from model_core.preprocessing.image_ops.grey_image import GreyImage
from model_core.preprocessing.image_ops.types import Grey32
from model_core.preprocessing.paper.border_bands import find_border_bands
from model_core.preprocessing.paper.solid_sides import find_solid_sides


def cell(*sides: str, level: float = 200) -> Grey32:
    """Return dark paper of 60x50 pixels, filled by a light digit, with thick borders."""
    grey = np.zeros((60, 50), np.float32)
    grey[2:56, 14:40] = 180
    grey[14:46, 22:32] = 0
    parts = {"top": grey[:8], "bottom": grey[-8:], "left": grey[:, :8], "right": grey[:, -8:]}
    for side in sides:
        parts[side][:] = level
    return grey


@pytest.mark.parametrize(
    "sides", [("top", "left"), ("top", "bottom"), ("left", "right"), ("top", "right", "bottom")]
)
def test_what_lies_within_them_is_found(sides: tuple[str, ...]) -> None:
    """They are cut off, with a pixel of their edge, although the digit fills the cell."""
    rows, columns = (9 * (side in sides) for side in ("top", "left"))
    below, beside = (9 * (side in sides) for side in ("bottom", "right"))

    inner = find_solid_sides(GreyImage(cell(*sides)))

    assert inner == (slice(rows, 60 - below), slice(columns, 50 - beside))


@pytest.mark.parametrize(
    "grey",
    [
        cell("top"),
        cell("top", "left", "bottom", "right"),
        255 - cell(),
        cell("top", "left")[::6, ::6],
    ],
    ids=["one side", "all sides", "bare paper", "few pixels"],
)
def test_other_pictures_have_none(grey: Grey32) -> None:
    """One side may be a stroke, and four are the paper around a digit."""
    assert find_solid_sides(GreyImage(grey)) is None


def test_solid_sides_are_bands() -> None:
    """Where bands are not found by their columns and rows."""
    bands = find_border_bands(GreyImage(cell("bottom", "left")))

    assert bands is not None
    assert bands.sides == 2
    assert bands.inner == (slice(0, 51), slice(9, 50))


def test_pale_solid_sides_are_no_bands() -> None:
    """Soft lines of newsprint's cells stay: more of a digit is kept beside them."""
    assert find_border_bands(GreyImage(cell("bottom", "left") / np.float32(3))) is None
