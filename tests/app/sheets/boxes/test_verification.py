"""Verification of cells: a cell that is expected beside others keeps its size."""

import cv2
import numpy as np
from numpy.testing import assert_allclose

from app.sheets.boxes.verification import levelled, verify
from model_core.preprocessing.image_ops.types import Grey8

CELL = np.array([[[100, 100], [140, 100], [140, 140], [100, 140]]], float)


def page(*columns: int) -> Grey8:
    """Return the darkness of a page with rules along CELL's upper and lower side, and upright."""
    dark = np.zeros((240, 240), np.uint8)
    for row in (100, 140):
        cv2.line(dark, (40, row), (200, row), 40, 2)
    for column in columns:
        cv2.line(dark, (column, 100), (column, 140), 40, 2)
    return dark


def test_ink_near_a_rule_does_not_move_an_expected_side() -> None:
    """A dark stroke within an expected cell is ink, though it is as long as the side."""
    dark = page(100, 140)
    cv2.line(dark, (106, 98), (106, 142), 250, 3)

    (moved,) = verify(levelled(dark), CELL).corners
    (kept,) = verify(levelled(dark), CELL, expected=True).corners

    assert moved[0, 0] > 104
    assert_allclose(kept, CELL[0], atol=1)


def test_expected_cells_keep_their_size() -> None:
    """A narrower one is not one of the boxes beside which it is expected."""
    dark = page(107, 140)

    assert len(verify(levelled(dark), CELL).corners) == 1
    assert not len(verify(levelled(dark), CELL, expected=True).corners)
