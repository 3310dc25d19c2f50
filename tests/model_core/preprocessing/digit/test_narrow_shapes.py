"""Tall and narrow digits are widened, so that they do not look like a 1."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model_core.classifier import Classifier
from model_core.preprocessing import normalise
from model_core.preprocessing.digit.narrow_shapes import aspect_to_keep
from model_core.preprocessing.image_ops.types import Grey8
from tests.model_core.preprocessing.reading import answer

FOUR = [[(12, 5), (4, 50), (38, 52)], [(34, 8), (32, 120)]]
SEVEN = [[(4, 8), (38, 5), (26, 120)]]
THREE = [[(4, 10), (20, 5), (36, 20), (32, 45), (18, 58), (36, 75), (36, 105), (20, 120), (4, 112)]]
ONE = [[(20, 5), (18, 120)]]
FLAGGED_ONE = [[(4, 35), (34, 5), (34, 120)]]
BENT_ONE = [[(34, 5), (10, 35), (4, 65), (8, 100), (24, 120)]]


def drawn(lines: list[list[tuple[int, int]]], width: int = 3) -> Grey8:
    """Return lines in a thin pen on a picture of 44x126."""
    image = Image.new("L", (44, 126), 255)
    for line in lines:
        ImageDraw.Draw(image).line(line, fill=0, width=width, joint="curve")
    return np.pad(np.asarray(image), 20, constant_values=255)


def widths(picture: Grey8) -> int:
    """Return the columns of the normalised digit."""
    return int(np.count_nonzero(normalise(picture).pixels.max(axis=0) > 60))


@pytest.mark.parametrize("lines", [FOUR, SEVEN, THREE])
def test_a_narrow_digit_with_several_strokes_is_widened(lines: list[list[tuple[int, int]]]) -> None:
    """To half as wide as high."""
    assert 9 <= widths(drawn(lines)) <= 11


@pytest.mark.parametrize("lines", [ONE, FLAGGED_ONE, BENT_ONE])
def test_a_one_stays_as_it_is(lines: list[list[tuple[int, int]]]) -> None:
    """Plain, with a flag, or a little bent."""
    assert widths(drawn(lines)) <= 7


def test_a_narrow_four_is_read(cnn: Classifier) -> None:
    """Its gap stays open; a 7 is not taken for a 1."""
    four, seven = answer(cnn, drawn(FOUR, 4)), answer(cnn, drawn(SEVEN, 4))

    assert (four.digit, four.decision) == (4, "accept")
    assert seven.decision == "abstain"


def test_a_widened_digit_is_doubted() -> None:
    """Its shape was guessed at, so it needs more certainty; a narrow 1 that stays does not."""
    assert normalise(drawn(SEVEN)).trust == 0.25
    assert normalise(drawn(ONE)).trust == normalise(drawn(FLAGGED_ONE)).trust == 1


def test_digits_that_are_not_narrow_keep_their_aspect() -> None:
    """Digits that are wide, low, bold, or hardly wider than a stroke keep their aspect ratio."""
    two_strokes = np.zeros((60, 20), np.float32)
    two_strokes[:, :3] = two_strokes[:, -3:] = 1
    bold = two_strokes.copy()
    bold[:, :9] = bold[:, -9:] = 1

    assert aspect_to_keep(two_strokes) == 0.5
    assert aspect_to_keep(bold) == 20 / 60
    assert aspect_to_keep(two_strokes[:20, ::3]) == 7 / 20
    assert aspect_to_keep(two_strokes[:50]) == 20 / 50
    assert aspect_to_keep(two_strokes.T) == 3
    assert aspect_to_keep(two_strokes[:, 13:]) == 7 / 60
