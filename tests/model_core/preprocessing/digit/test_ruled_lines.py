"""Ruled lines are removed."""

import numpy as np
import pytest

from model_core.classifier import Classifier
from model_core.preprocessing.digit.ink import Ink
from model_core.preprocessing.digit.ruled_lines import remove_ruled_lines
from model_core.preprocessing.image_ops.types import Grey32
from tests.model_core.preprocessing.reading import answer, squared


def test_squared_paper_without_a_digit_is_none(cnn: Classifier) -> None:
    """On squared paper, neither the crossings nor a line darker than the others are a digit."""
    sheet = squared(np.full((112, 112), 255, np.uint8))
    assert answer(cnn, sheet).decision == "abstain"

    sheet[:, 59:61] = 60
    assert answer(cnn, sheet).decision == "abstain"


def ruled(climb: int, *, width: int = 90, hidden: tuple[int, ...] = ()) -> Grey32:
    """Return a line that climbs from left to right, hidden in some sixths, with one dark pixel."""
    contrast = np.zeros((60, width), np.float32)
    columns = np.arange(width)
    rows = 30 + np.rint(climb * ((columns + 0.5) / width - 0.5)).astype(int)
    seen = ~np.isin(6 * columns // width, hidden)
    contrast[rows[seen], columns[seen]] = 80
    contrast[5, 30] = 200
    return contrast


def rest(contrast: Grey32) -> Grey32 | None:
    """Return the contrast without ruled lines, or None if there are none."""
    left = remove_ruled_lines(Ink(contrast, peak=200, threshold=40, uneven=False))
    return None if left is None else left.contrast


@pytest.mark.parametrize("width", [36, 90, 95])
@pytest.mark.parametrize("climb", [-1, 0, 1])
def test_a_line_is_removed_and_ink_stays(climb: int, width: int) -> None:
    """A line is removed and ink stays, also if the strips have different widths."""
    left = rest(ruled(climb, width=width))

    assert left is not None
    assert left[5, 30] == 200
    assert np.count_nonzero(left) == 1


@pytest.mark.parametrize("climb", [-3, -2, 2, 3])
def test_a_line_may_climb(climb: int) -> None:
    """A line that climbs by a few pixels, as on paper that lies askew, is removed."""
    left = rest(ruled(climb))

    assert left is not None
    assert np.count_nonzero(left) == 1


@pytest.mark.parametrize("climb", [-9, 9])
def test_a_slanting_line_is_left(climb: int) -> None:
    """A line that climbs by more than a twentieth of the width is not removed."""
    assert rest(ruled(climb)) is None


@pytest.mark.parametrize("hidden", [(2,), (1, 4)])
def test_a_line_may_be_hidden_between_its_ends(hidden: tuple[int, ...]) -> None:
    """A line is removed if two of six strips hide it, but not an outermost one."""
    left = rest(ruled(0, hidden=hidden))

    assert left is not None
    assert np.count_nonzero(left) == 1


@pytest.mark.parametrize("hidden", [(0,), (5,), (1, 2, 4)])
def test_what_ends_before_or_is_hidden_more_is_no_line(hidden: tuple[int, ...]) -> None:
    """A line that ends earlier or is hidden more, like a stroke of a digit, is not removed."""
    assert rest(ruled(0, hidden=hidden)) is None


def test_a_shade_is_no_line() -> None:
    """A line that is thicker than three pixels is not removed."""
    contrast = ruled(0)
    contrast[30:33] = 80
    assert rest(contrast) is not None

    contrast[33] = 80
    assert rest(contrast) is None
