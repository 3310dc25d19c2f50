"""A picture with two figures of a digit's size has no answer."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model_core.classifier import Classifier
from model_core.preprocessing import NormalisedImage, normalise
from model_core.preprocessing.image_ops.types import Grey8
from tests.model_core.preprocessing.reading import paper, predict


def two_ones(gap: int, *, size: int = 1) -> Grey8:
    """Return two upright strokes of 60 pixels, ``gap`` pixels apart."""
    picture = np.full((100, 120 + gap), 255, np.uint8)
    picture[20:80, 50:56] = picture[20:80, 56 + gap : 62 + gap] = 0
    return np.kron(picture, np.ones((size, size), np.uint8))


def decision(cnn: Classifier, image: NormalisedImage) -> str:
    """Return the decision about a normalised picture."""
    return predict(cnn, image).decision


def two_rings(gap: int) -> Grey8:
    """Return two rings as wide as a 0, ``gap`` pixels apart."""
    picture = Image.new("L", (200, 100), 255)
    for left in (40, 76 + gap):
        ImageDraw.Draw(picture).ellipse((left, 20, left + 36, 80), outline=0, width=5)
    return np.asarray(picture)


def test_two_wide_figures_are_two_however_near(cnn: Classifier) -> None:
    """No digit has two parts that are as wide; the reason is that there are several."""
    image = normalise(two_rings(8))

    assert image.trust == 0
    assert predict(cnn, image).reason == "several_digits"


@pytest.mark.parametrize("size", [1, 3, 8])
@pytest.mark.parametrize("gap", [14, 25, 60, 120])
def test_two_figures_are_refused(cnn: Classifier, gap: int, size: int) -> None:
    """Close together or not, and in a picture where only one of them is looked at closely."""
    image = normalise(two_ones(gap, size=size))

    assert image.trust == 0
    assert decision(cnn, image) == "abstain"


def test_two_strokes_that_are_near_may_be_one_digit() -> None:
    """As those of a 4: a little farther apart they are doubtful, and two if both are as high."""
    arm_ends_above = two_ones(9)
    arm_ends_above[56:80, 50:56] = 255

    assert normalise(two_ones(5)).trust == 1
    assert normalise(arm_ends_above).trust == 0.25
    assert normalise(two_ones(9)).trust == 0


def test_a_neighbour_at_the_border_is_no_second_figure(cnn: Classifier) -> None:
    """It reaches in from outside: the digit in the middle is read."""
    picture = np.pad(paper(), ((0, 0), (0, 30)), constant_values=255)
    picture[20:80, -8:-2] = picture[20:26, -8:] = 0

    image = normalise(picture)

    assert image.trust == 1
    assert decision(cnn, image) == "accept"


def test_what_shows_through_the_paper_is_no_second_figure() -> None:
    """A figure with a third of the digit's contrast."""
    picture = two_ones(60)
    picture[20:80, 116:122] = 175

    assert normalise(picture).trust == 1


def test_a_smaller_figure_is_no_second_one() -> None:
    """A mark half as high as the digit makes it doubtful, and no more."""
    picture = Image.fromarray(np.pad(paper(), ((0, 0), (0, 60)), constant_values=255))
    ImageDraw.Draw(picture).line((140, 60, 140, 88), fill=0, width=5)

    assert normalise(np.asarray(picture)).trust == 0.25
