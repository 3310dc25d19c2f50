"""Orientation of a page by the scores of its boxes."""

import numpy as np
from numpy.testing import assert_allclose

from app.inference.sheets.orientation import MAX_SAMPLES, sample_turned, upright_turns
from model_core.preprocessing import normalise
from tests.support.pictures import two


def test_another_orientation_must_be_clearly_better() -> None:
    """Otherwise the page stays as it is."""
    assert upright_turns((0, 1, 2, 3), [5, 0, 5.5, 0]) == 0
    assert upright_turns((0, 1, 2, 3), [1, 0, 5.5, 0]) == 2
    assert upright_turns((2, 0), [1, 0]) == 2
    assert upright_turns((0, 1, 2, 3), [0, 0, 0, 0]) == 0


def test_samples_are_turned_clockwise() -> None:
    """A turned sample is about the normalised picture of what was turned."""
    crop = np.asarray(255 - np.asarray(two(90)), np.uint8)

    rows = sample_turned([normalise(crop)], (0, 1, 2, 3))

    for turns, (sample,) in enumerate(rows):
        turned = normalise(np.ascontiguousarray(np.rot90(crop, -turns)))
        assert_allclose(sample.pixels.mean(axis=0), turned.pixels.mean(axis=0), atol=30)
        assert np.corrcoef(sample.pixels.ravel(), turned.pixels.ravel())[0, 1] > 0.9


def test_samples_are_some_of_the_boxes_with_ink() -> None:
    """They are spread over the page, and blank ones are left out; without ink there are none."""
    blank = normalise(np.full((40, 40), 255, np.uint8))
    inked = normalise(np.asarray(two(90), np.uint8))

    assert [len(row) for row in sample_turned([blank, inked] * 30, (0, 2))] == [15, 15]
    assert len(sample_turned([inked] * 21, (0,))[0]) <= MAX_SAMPLES
    assert sample_turned([blank], (0, 1)) == []
