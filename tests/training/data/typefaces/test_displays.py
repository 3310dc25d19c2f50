"""Digits of displays."""

import numpy as np
import pytest

from training.data.synthetic.drawing import crop
from training.data.typefaces.displays import DOT_MATRIX, SEVEN_SEGMENTS, dot_matrix, seven_segments


def test_seven_segments_differ() -> None:
    """Each digit has segments of its own; the 8 has all of them."""
    assert len({frozenset(segments) for segments in SEVEN_SEGMENTS}) == 10
    assert set(SEVEN_SEGMENTS[8]) == set("abcdefg")


@pytest.mark.parametrize(("digit", "sides"), [(1, "right"), (7, "top right"), (8, "all")])
def test_segments_are_where_they_belong(digit: int, sides: str, rng: np.random.Generator) -> None:
    """A 1 is a bar, a 7 has ink at the top and on the right only, an 8 on all sides."""
    ink = crop(seven_segments(digit, rng))
    height, width = ink.shape
    top, bottom = ink[: height // 8].sum(), ink[-(height // 8) :].sum()

    if sides == "right":
        assert height > 2 * width
    elif sides == "all":
        assert bottom == pytest.approx(top, rel=0.5)
    else:
        below = ink[height // 2 :]
        assert top > bottom
        assert below[:, width // 2 :].sum() > 4 * below[:, : width // 2].sum()


def test_dots_are_those_of_the_table(rng: np.random.Generator) -> None:
    """The dots of each digit differ, and are all drawn."""
    assert len({rows.tobytes() for rows in DOT_MATRIX}) == 10
    for digit in range(10):
        ink = dot_matrix(digit, rng)
        pitch = len(ink) // 7
        cells = ink.reshape(7, pitch, 5, pitch).max(axis=(1, 3))
        assert (cells > 0).tolist() == (DOT_MATRIX[digit] > 0).tolist()
