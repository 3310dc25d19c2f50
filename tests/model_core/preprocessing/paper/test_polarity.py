"""Polarity: whether the ink is light or dark."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model_core.classifier import Classifier
from model_core.preprocessing import normalise
from model_core.preprocessing.steps import Change
from tests.model_core.preprocessing.reading import answer, is_two, paper


def fat_d(draw: ImageDraw.ImageDraw) -> None:
    """Draw a bold D whose back is the left border."""
    draw.pieslice((-40, 0, 39, 39), -90, 90, fill=255)
    draw.pieslice((-16, 10, 25, 29), -90, 90, fill=0)
    draw.rectangle((0, 0, 12, 39), fill=255)


def fat_one(draw: ImageDraw.ImageDraw) -> None:
    """Draw a bold slanted stroke from one corner to the other."""
    draw.line((4, 39, 36, 0), fill=255, width=16)


def fat_three(draw: ImageDraw.ImageDraw) -> None:
    """Draw a three so bold that little paper is left."""
    draw.line([(0, 8), (28, 6), (16, 19), (32, 30), (0, 34)], fill=255, width=15, joint="curve")


@pytest.mark.parametrize("draw", [fat_d, fat_one, fat_three])
def test_ink_that_fills_the_picture_and_cuts_the_paper_up_is_ink(
    draw: Callable[[ImageDraw.ImageDraw], None],
) -> None:
    """The paper between, corners and holes, is narrower than the strokes."""
    picture = Image.new("L", (40, 40), 0)
    draw(ImageDraw.Draw(picture))

    assert Change.INVERTED not in normalise(np.asarray(picture)).steps
    assert Change.INVERTED in normalise(255 - np.asarray(picture)).steps


def test_dark_corners_do_not_cut_the_paper_up() -> None:
    """A stroke between two corners of a table is ink, the paper is not."""
    picture = Image.new("L", (60, 60), 220)
    draw = ImageDraw.Draw(picture)
    draw.polygon([(0, 0), (24, 0), (0, 24)], fill=40)
    draw.polygon([(59, 0), (35, 0), (59, 24)], fill=40)
    draw.line((30, 18, 27, 46), fill=60, width=5)

    assert Change.INVERTED in normalise(np.asarray(picture)).steps


def test_a_tilted_frame_is_not_taken_for_the_paper(cnn: Classifier) -> None:
    """A dark frame, its sides not parallel to the picture's."""
    cell = Image.fromarray(paper(160))
    corners = [(4, 0), (159, 5), (155, 159), (0, 154), (4, 0)]
    ImageDraw.Draw(cell).line(corners, fill=0, width=10)

    assert is_two(answer(cnn, np.asarray(cell)))


@pytest.mark.parametrize("ink", [0.3, 1.8])
def test_a_vignette_does_not_decide(ink: float) -> None:
    """Corners as dark as a pen, or darker than chalk on a board, are no ink, nor paper alone."""
    down, across = np.mgrid[-1:1:90j, -1:1:120j]
    light = 1 - 0.35 * (down**2 + across**2)
    light[30:60, 58:62] *= ink
    picture = (110 * light).astype(np.uint8)

    assert (Change.INVERTED in normalise(picture).steps) == (ink < 1)


@pytest.mark.parametrize("scale", [16, 90])
def test_a_bold_blurred_digit_is_not_taken_for_uneven_light(scale: int) -> None:
    """A third of the picture is half light, but its edges are steeper than any light's slope."""
    down, across = np.mgrid[-1 : 1 : scale * 1j, -1 : 1 : scale * 1j]
    ink = np.clip((0.75 - abs(np.hypot(down, across) - 0.6) * 2) / 0.4 + 0.5, 0, 1)
    picture = (210 - 180 * ink).astype(np.uint8)

    assert Change.INVERTED in normalise(picture).steps
    assert Change.INVERTED not in normalise(255 - picture).steps
