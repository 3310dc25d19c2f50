"""Ink: what stands out from the paper, and is no shade."""

import numpy as np
import pytest

from model_core.preprocessing.digit.ink import find_ink, is_ink
from model_core.preprocessing.image_ops.grey_image import GreyImage
from model_core.preprocessing.image_ops.types import Grey32


def spot(peak: float, width: float) -> Grey32:
    """Return a stroke across the middle of 60x60 pixels whose edges are ``width`` pixels wide."""
    down = abs(np.arange(60) - 30)
    profile = np.clip((6 + width / 2 - down) / width, 0, 1)
    return np.outer(peak * profile, np.ones(60)).astype(np.float32)


def verdict(contrast: Grey32, *, through: bool = False) -> bool:
    """Tell whether a stroke is taken for ink."""
    mask = contrast > 0.2 * contrast.max()
    return is_ink(contrast, mask, np.sort(contrast[mask]), through=through)


@pytest.mark.parametrize(
    ("peak", "width", "expected"),
    [(15, 1, False), (30, 1, True), (30, 4, True), (30, 9, False), (80, 9, True), (80, 12, False)],
)
def test_faint_ink_has_steep_edges_and_any_ink_has_edges(
    peak: float, width: float, expected: bool
) -> None:
    """Print as soft as newsprint's is ink; the fainter it is, the steeper are its edges."""
    assert verdict(spot(peak, width)) == expected


def test_a_soft_faint_stroke_through_the_picture_is_a_crease() -> None:
    """Steep, or clear, it may be a digit that is cut off tightly."""
    assert not verdict(spot(30, 4), through=True)
    assert verdict(spot(30, 2), through=True)
    assert verdict(spot(80, 12), through=True)


def test_a_pattern_does_not_raise_the_threshold_above_the_ink() -> None:
    """On waves that are a fifth as dark as the ink, the paper's noise is great."""
    grey = np.tile(np.where(np.arange(80) % 4 < 2, 0, 35), (80, 1)).astype(np.float32)
    grey[20:60, 38:44] = 180

    ink = find_ink(GreyImage(grey))

    assert ink is not None
    assert 1.5 * ink.threshold < 140
