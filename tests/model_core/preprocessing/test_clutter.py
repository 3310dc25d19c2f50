"""Clutter around a digit is removed, and the steps say so."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model_core.classifier import Classifier
from model_core.preprocessing import normalise
from model_core.preprocessing.image_ops.types import Grey8
from model_core.preprocessing.steps import Change, Kind, Removed, Step
from tests.model_core.preprocessing.reading import answer, is_two, paper, squared


def specks(picture: Grey8) -> Grey8:
    """Return a picture with five specks around the digit."""
    picture = picture.copy()
    for row, column in [(5, 9), (8, 90), (60, 100), (102, 12), (50, 6)]:
        picture[row : row + 2, column : column + 2] = 0
    return picture


def framed(picture: Grey8) -> Grey8:
    """Return a picture with a cell's border around it."""
    picture = picture.copy()
    picture[:3] = picture[-3:] = 30
    picture[:, :3] = picture[:, -3:] = 30
    return picture


def ruled(picture: Grey8) -> Grey8:
    """Return a picture with a ruled line beneath the digit."""
    picture = picture.copy()
    picture[102:104] = 100
    return picture


def lined(picture: Grey8) -> Grey8:
    """Return a picture on ruled paper that lies a little askew."""
    lines = Image.new("L", picture.shape[::-1], 255)
    for top in (8, 41, 74, 107):
        ImageDraw.Draw(lines).line((0, top - 2, 111, top + 2), fill=150, width=2)
    result: Grey8 = np.minimum(picture, np.asarray(lines))
    return result


def with_neighbour(picture: Grey8) -> Grey8:
    """Return a picture into which the next digit reaches at the right."""
    wide = np.pad(picture, ((0, 0), (0, 30)), constant_values=255)
    wide[30:80, -5:] = 0
    return wide


def shadowed(picture: Grey8) -> Grey8:
    """Return a picture across which the edge of a shadow falls."""
    grey = picture.astype(np.float64) * 0.8 + 40
    grey[:, :50] *= 0.75
    return grey.astype(np.uint8)


def shaded(picture: Grey8) -> Grey8:
    """Return a picture into whose corner a soft shadow falls, half as light as the paper."""
    down, across = np.mgrid[:112, :112] / 112
    shade = 1 / (1 + np.exp(-(down + across - 1.45) / 0.04))
    grey: Grey8 = (240 * (1 - 0.5 * shade) * (0.25 + 0.75 * picture / 255)).astype(np.uint8)
    return grey


def dotted(picture: Grey8) -> Grey8:
    """Return a picture in which one pixel of twenty is black or white."""
    rng = np.random.default_rng(1)
    noisy = np.asarray(Image.fromarray(picture).resize((32, 32), Image.Resampling.BOX)).copy()
    hit = rng.random(noisy.shape) < 0.1
    noisy[hit] = rng.choice([0, 255], int(hit.sum()))
    return noisy


def with_strips(picture: Grey8) -> Grey8:
    """Return a picture inverted in a strip at either side."""
    picture = picture.copy()
    picture[:, :28] = 255 - picture[:, :28]
    picture[:, -28:] = 255 - picture[:, -28:]
    return picture


@pytest.mark.parametrize(
    ("change", "step"),
    [
        (specks, Removed(Kind.SPECK, 5)),
        (framed, Removed(Kind.BORDER_BAND, 4)),
        (ruled, Removed(Kind.STROKE, 1)),
        (squared, Change.REMOVED_RULED_LINES),
        (lined, Change.REMOVED_RULED_LINES),
        (with_neighbour, Removed(Kind.STROKE, 1)),
        (shadowed, Change.EVENED_OUT_BACKGROUND),
        (shaded, Change.EVENED_OUT_BACKGROUND),
        (dotted, Change.REMOVED_NOISE),
        (with_strips, Removed(Kind.BORDER_BAND, 2)),
    ],
)
def test_what_is_not_the_digit_is_taken_away(
    cnn: Classifier, change: Callable[[Grey8], Grey8], step: Step
) -> None:
    """The answer stays, and the steps say what was done."""
    picture = change(paper())

    assert step in normalise(picture).steps
    assert is_two(answer(cnn, picture))
