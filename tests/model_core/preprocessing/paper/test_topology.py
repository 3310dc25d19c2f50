"""Topology of ink: one component that divides the paper."""

import numpy as np
import pytest

from model_core.preprocessing.image_ops.types import Mask
from model_core.preprocessing.paper.topology import is_light_ink_by_topology


def ring(hole: int) -> Mask:
    """Return a light square on dark paper, 48x48, with a square hole."""
    light = np.zeros((60, 60), np.bool_)
    light[6:54, 6:54] = True
    light[30 - hole // 2 : 30 + hole // 2, 30 - hole // 2 : 30 + hole // 2] = False
    return light


@pytest.mark.parametrize("light_ink", [True, False])
def test_one_component_around_a_hole_is_ink(*, light_ink: bool) -> None:
    """A component that divides the paper into two regions is ink, in a picture and its negative."""
    light = ring(20)

    assert is_light_ink_by_topology(light == light_ink, likely=None) == light_ink


def test_a_narrow_hole_may_be_a_stroke() -> None:
    """A hole that holds no square, like a slit across a block, is not paper."""
    light = ring(0)
    light[28:32, 12:48] = False

    assert is_light_ink_by_topology(light, likely=None) is None


def test_a_narrower_hole_counts_for_the_likely_answer() -> None:
    """A narrower hole counts as paper if corners and border say so, too."""
    light = ring(0)
    light[26:34, 15:45] = False

    assert is_light_ink_by_topology(light, likely=None) is None
    assert is_light_ink_by_topology(light, likely=True) is True


def test_a_crooked_slit_is_no_hole() -> None:
    """A slit with a large bounding box, but without a square of paper, is no hole."""
    light = ring(0)
    light[15:45, 15:18] = False
    light[42:45, 15:45] = False

    assert is_light_ink_by_topology(light, likely=None) is None


def test_specks_are_no_regions() -> None:
    """Components of less than a hundredth of the picture do not count as regions."""
    light = ring(20)
    light[2:4, 2:4] = True

    assert is_light_ink_by_topology(light, likely=None) is True
