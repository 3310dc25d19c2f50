"""Rotation of images in steps of 90 degrees."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from app.inference.rotation import rotate, rotation_angles
from app.inference.types import Rotation
from model_core.preprocessing.steps import Turned

CORNER = np.array([[1, 2, 3], [4, 5, 6]], np.uint8)


@pytest.mark.parametrize(
    ("rotation", "expected"),
    [
        ("90", [[4, 1], [5, 2], [6, 3]]),
        ("180", [[6, 5, 4], [3, 2, 1]]),
        ("270", [[3, 6], [2, 5], [1, 4]]),
    ],
)
def test_an_angle_turns_clockwise(rotation: Rotation, expected: list[list[int]]) -> None:
    """The pixels move clockwise, into an array of its own, and the step has the angle."""
    [angle] = rotation_angles(rotation)

    turned, steps = rotate(CORNER, angle, rotation)

    assert_array_equal(turned, expected)
    assert turned.flags.c_contiguous
    assert steps == (Turned(angle, 1),)


def test_no_rotation_is_no_step() -> None:
    """The default changes nothing."""
    turned, steps = rotate(CORNER, 0, "0")

    assert turned is CORNER
    assert steps == ()


def test_all_four_angles_are_tried() -> None:
    """The first of them is the image as it is."""
    assert rotation_angles("auto") == (0, 90, 180, 270)
    assert rotate(CORNER, 0, "auto")[1] == (Turned(0, 4),)
