"""Connected-component labelling, against scikit-image's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from skimage import measure

from model_core.preprocessing.image_ops.connected_components import (
    MAX_RUNS_IN_LOOP,
    label_components,
    pad_rows,
)
from model_core.preprocessing.image_ops.types import Mask
from tests.model_core.preprocessing.image_ops.strategies import masks
from tests.support.patterns import patterns


@given(masks)
def test_labels_are_scikit_images(mask: Mask) -> None:
    """With 8-connectivity, numbered in the order of their first pixels."""
    expected, count = measure.label(mask, connectivity=2, return_num=True)

    runs = label_components(pad_rows(mask.astype(np.float32)) > 0, mask.shape)

    assert runs.count == count
    for label in range(count):
        assert_array_equal(runs.mask_of(np.arange(count) == label), expected == label + 1)


@pytest.mark.parametrize("size", [64, 97])
def test_many_runs_are_labelled_alike(size: int) -> None:
    """Labels of mazes, grids, waves and noise are scikit-image's, also for many runs."""
    many = 0
    for pixels in patterns(size, 64, seed=size):
        mask = pixels > 128
        expected = measure.label(mask, connectivity=2)

        runs = label_components(pad_rows(mask.astype(np.float32)) > 0, mask.shape)

        many += len(runs.label) > MAX_RUNS_IN_LOOP
        rows, starts = divmod(runs.edges[::2] - 1, size + 1)
        assert_array_equal(runs.label + 1, expected[rows, starts])
        assert runs.count == expected.max()
    assert many > 32


def test_a_spiral_is_one_component() -> None:
    """A spiral, the longest way from one run to another, is one component."""
    y, x = np.mgrid[0:96, 0:96]
    rings = np.minimum(np.minimum(x, y), np.minimum(95 - x, 95 - y))
    mask = rings % 2 == 0
    mask[(x == y + 1) & (y < 47)] ^= True  # each ring is cut, and joined to the next one

    runs = label_components(pad_rows(mask.astype(np.float32)) > 0, mask.shape)

    assert len(runs.label) > MAX_RUNS_IN_LOOP
    assert runs.count == measure.label(mask, connectivity=2).max() == 1


@given(masks, st.integers(0, 2**32))
def test_the_mask_of_some_components_is_theirs(mask: Mask, seed: int) -> None:
    """Of any selection, of none and of all."""
    expected, count = measure.label(mask, connectivity=2, return_num=True)
    runs = label_components(pad_rows(mask.astype(np.float32)) > 0, mask.shape)
    chosen = np.random.default_rng(seed).random(count) < 0.5

    for flags in (chosen, np.ones_like(chosen), np.zeros_like(chosen)):
        assert_array_equal(runs.mask_of(flags), np.isin(expected, 1 + np.flatnonzero(flags)))
