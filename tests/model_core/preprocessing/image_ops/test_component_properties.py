"""Properties of connected components, against scikit-image's regionprops."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from skimage import measure

from model_core.preprocessing.image_ops.component_properties import ComponentProperties
from model_core.preprocessing.image_ops.connected_components import label_components, pad_rows
from model_core.preprocessing.image_ops.types import Grey32
from tests.model_core.preprocessing.image_ops.strategies import grey32


def properties(grey: Grey32, threshold: float) -> tuple[ComponentProperties, list[Any]]:
    """Return the components above a threshold: ours, and scikit-image's."""
    padded = pad_rows(grey)
    runs = label_components(padded >= threshold, grey.shape)
    labels = measure.label(grey >= threshold, connectivity=2)
    return ComponentProperties(runs, padded), measure.regionprops(labels, grey)


@given(grey32, st.integers(1, 255))
def test_properties_are_scikit_images(grey: Grey32, threshold: int) -> None:
    """Area, bounding box, sum and maximum of the intensities."""
    ours, expected = properties(grey, threshold)
    boxes = np.array([region.bbox for region in expected]).reshape(-1, 4)

    assert_array_equal(ours.area, [region.area for region in expected])
    assert_array_equal(np.stack([ours.top, ours.left], axis=1), boxes[:, :2])
    assert_array_equal(np.stack([ours.bottom, ours.right], axis=1), boxes[:, 2:] - 1)
    assert_array_equal(np.stack([ours.height, ours.width], axis=1), boxes[:, 2:] - boxes[:, :2])
    assert_array_equal(ours.intensity_max, [region.intensity_max for region in expected])
    means = [region.area * region.intensity_mean for region in expected]
    assert_allclose(ours.intensity_sum, means, rtol=1e-5)


@given(grey32, st.integers(1, 255), st.integers(0, 2**32))
def test_a_common_bounding_box_holds_all_that_are_chosen(
    grey: Grey32, threshold: int, seed: int
) -> None:
    """No row or column more; and empty if none is chosen."""
    ours, expected = properties(grey, threshold)
    chosen = np.random.default_rng(seed).random(ours.count) < 0.5

    rows, columns = ours.bounding_box(chosen)

    boxes = np.array([region.bbox for region, flag in zip(expected, chosen, strict=True) if flag])
    ends = [*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)] if len(boxes) else [0, 0, 0, 0]
    assert [rows.start, columns.start, rows.stop, columns.stop] == ends
