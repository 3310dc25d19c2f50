"""Connected-component labelling, against scikit-image's."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from skimage import measure

from model_core.preprocessing.image_ops.connected_components import label_components, pad_rows
from model_core.preprocessing.image_ops.types import Mask
from tests.model_core.preprocessing.image_ops.strategies import masks


@given(masks)
def test_labels_are_scikit_images(mask: Mask) -> None:
    """With 8-connectivity, numbered in the order of their first pixels."""
    expected, count = measure.label(mask, connectivity=2, return_num=True)

    runs = label_components(pad_rows(mask.astype(np.float32)) > 0, mask.shape)

    assert runs.count == count
    for label in range(count):
        assert_array_equal(runs.mask_of(np.arange(count) == label), expected == label + 1)


@given(masks, st.integers(0, 2**32))
def test_the_mask_of_some_components_is_theirs(mask: Mask, seed: int) -> None:
    """Of any selection, of none and of all."""
    expected, count = measure.label(mask, connectivity=2, return_num=True)
    runs = label_components(pad_rows(mask.astype(np.float32)) > 0, mask.shape)
    chosen = np.random.default_rng(seed).random(count) < 0.5

    for flags in (chosen, np.ones_like(chosen), np.zeros_like(chosen)):
        assert_array_equal(runs.mask_of(flags), np.isin(expected, 1 + np.flatnonzero(flags)))
