"""Spots of light on dark paper."""

import numpy as np
import pytest

from model_core.preprocessing.image_ops.grey_image import GreyImage
from model_core.preprocessing.image_ops.types import Grey32
from model_core.preprocessing.paper.light_spots import find_light_spots


def board(side: int, spot: float, stroke: float) -> Grey32:
    """Return dark paper of level 20 with a soft spot of light, and a stroke beside it."""
    down, across = np.mgrid[:side, :side] / side
    grey = 20 + spot * np.exp(-(((down - 0.3) ** 2 + (across - 0.7) ** 2) / 0.04))
    grey[side // 5 : 4 * side // 5, side // 5 : side // 4] = 20 + stroke
    lit: Grey32 = grey.astype(np.float32)
    return lit


def test_a_soft_spot_is_followed() -> None:
    """What is left of it is far below the stroke, of which nothing is lost."""
    grey = board(90, spot=80, stroke=180)

    spots = find_light_spots(GreyImage(grey), 20)

    assert spots is not None
    left = grey - spots
    assert left[18:72, 18:22].min() > 170
    assert np.delete(left, slice(18, 22), axis=1).max() < 30


@pytest.mark.parametrize(
    "grey",
    [
        board(90, spot=0, stroke=180),
        board(90, spot=20, stroke=180),
        board(90, spot=170, stroke=180),
        board(40, spot=80, stroke=180),
    ],
    ids=["no spot", "a faint one", "one as light as ink", "a picture of few pixels"],
)
def test_other_pictures_have_none(grey: Grey32) -> None:
    """A faint spot is below the threshold; what is as light as ink may be a bold stroke."""
    assert find_light_spots(GreyImage(grey), 20) is None
