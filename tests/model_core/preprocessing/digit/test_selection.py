"""Selection of the components that make up the digit."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model_core.classifier import Classifier
from model_core.preprocessing import normalise
from model_core.preprocessing.steps import Removed
from tests.model_core.preprocessing.reading import paper, predict


def test_what_was_written_with_the_figure_stays() -> None:
    """The dot of an i is no speck and no neighbour: without it, it would be a 1."""
    picture = np.full((60, 40), 255, np.uint8)
    picture[20:50, 18:22] = picture[8:13, 18:23] = 0

    result = normalise(picture)

    rows = result.pixels.any(axis=1)
    assert not [step for step in result.steps if isinstance(step, Removed)]
    assert np.count_nonzero(np.diff(rows)) == 4


@pytest.mark.parametrize("gap", [20, 80])
def test_two_digits_are_none_of_them(cnn: Classifier, gap: int) -> None:
    """Close together or far apart, neither is read."""
    two = 255 - paper()
    rows, columns = (np.flatnonzero(two.any(axis=axis)) for axis in (1, 0))
    cut = two[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    ink = np.concatenate([cut, np.zeros((len(cut), gap), np.uint8), cut], axis=1)

    image = normalise(255 - np.pad(ink, 15))

    assert predict(cnn, image).decision == "abstain"


def test_a_stroke_that_skips_is_one_digit() -> None:
    """A ring in twelve pieces, as of a ballpoint that skips, each near the next one."""
    picture = Image.new("L", (100, 100), 255)
    draw = ImageDraw.Draw(picture)
    for start in range(0, 360, 30):
        draw.arc((25, 15, 75, 85), start, start + 20, fill=0, width=4)

    rows, columns = (normalise(np.asarray(picture)).pixels.any(axis=axis) for axis in (1, 0))

    assert np.count_nonzero(rows) == 20
    assert 13 <= np.count_nonzero(columns) <= 15


@pytest.mark.parametrize(("size", "trust"), [(4, 1), (30, 0.25)])
def test_a_digit_from_which_something_was_dropped_is_doubtful(size: int, trust: float) -> None:
    """It might be a piece of a stroke; a speck is none."""
    picture = np.pad(paper(), ((0, 0), (0, 120)), constant_values=255)
    picture[50 : 50 + size, 160:164] = 0

    assert normalise(picture).trust == trust
