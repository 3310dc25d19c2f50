"""Reduction of a picture: block means, and the extremes of blocks for thin and pale strokes."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from model_core.preprocessing.image_ops.types import Grey8
from model_core.preprocessing.reduction import (
    blocks_of_spots,
    reduce_to_extremes,
    reduce_to_means,
    reduction_block,
)


@pytest.mark.parametrize(("shape", "block"), [((96, 40), 1), ((97, 40), 2), ((3000, 4000), 42)])
def test_blocks_are_as_small_as_the_longest_side_allows(shape: tuple[int, int], block: int) -> None:
    """At most 96 blocks along the longer side."""
    assert reduction_block(shape) == block


def pencil(contrast: int) -> Grey8:
    """Return a sheet of 960x960 pixels with a pale vertical line of 4 pixels, and noise."""
    sheet = np.full((960, 960), 200.0)
    sheet[100:800, 477:481] -= contrast
    noise = np.random.default_rng(0).normal(0, 3, sheet.shape)
    return np.clip(sheet + noise, 0, 255).astype(np.uint8)


def test_a_pale_line_keeps_its_contrast_in_spots() -> None:
    """In block means it has less than half of it; single pixels have too little for a thin pen."""
    picture = pencil(38)
    spots = reduce_to_extremes(picture, 10, negative=True, spot=2)
    means = reduce_to_means(picture, 10, negative=True)

    assert spots is not None
    assert spots.pixels[20:70, 47:49].max(axis=1).min() > 85
    assert means.pixels[20:70, 47:49].max(axis=1).max() < 75
    assert reduce_to_extremes(picture, 10, negative=True) is None


def test_bare_paper_has_no_spots() -> None:
    """The noise of single pixels is less in the mean of four."""
    assert reduce_to_extremes(pencil(0), 10, negative=True, spot=2) is None


def test_spots_of_the_negative_are_the_same() -> None:
    """To the bit, also where a mean lies half way between two levels."""
    picture = pencil(38)
    spots = reduce_to_extremes(picture, 10, negative=True, spot=2)
    negative = reduce_to_extremes(255 - picture, 10, negative=False, spot=2)

    assert spots is not None
    assert negative is not None
    assert_array_equal(spots.pixels, negative.pixels)


@pytest.mark.parametrize(
    ("side", "expected"),
    [(96, None), (288, None), (384, None), (385, (6, 2)), (960, (10, 2)), (2016, (24, 4))],
)
def test_a_block_holds_whole_spots(side: int, expected: tuple[int, int] | None) -> None:
    """A picture that is hardly reduced needs none."""
    assert blocks_of_spots((side // 2, side)) == expected
