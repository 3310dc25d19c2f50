"""A stroke that joins a digit to the next one is cut off."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model_core.classifier import Classifier
from model_core.preprocessing import normalise
from model_core.preprocessing.digit.surroundings.joining_strokes import (
    columns_without_joining_stroke,
)
from model_core.preprocessing.image_ops.types import Grey8, Mask
from model_core.preprocessing.steps import Kind, Removed
from tests.model_core.preprocessing.reading import answer

REMOVED = Removed(Kind.JOINING_STROKE, 1)
FIVE = [(60, 10), (25, 10), (22, 40), (50, 45), (50, 75), (20, 82)]
FOUR = [[(20, 8), (15, 45), (75, 48)], [(42, 8), (42, 84)]]


def zero(end: tuple[int, int], size: int = 1) -> Grey8:
    """Return a zero with a stroke from its top to a point (x, y)."""
    image = Image.new("L", (90, 94), 255)
    draw = ImageDraw.Draw(image)
    draw.ellipse((12, 10, 52, 82), outline=0, width=6)
    draw.line((40, 15, *end), fill=0, width=5)
    return np.kron(np.asarray(image), np.ones((size, size), np.uint8))


def cut_out(lines: list[list[tuple[int, int]]], width: int = 120) -> tuple[int, int]:
    """Return the column up to which lines are kept, and the one after their last."""
    image = Image.new("L", (width, 94), 0)
    for line in lines:
        ImageDraw.Draw(image).line(line, fill=255, width=5)
    mask: Mask = np.asarray(image) > 0
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    box = (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1))
    return columns_without_joining_stroke(mask, box), box[1].stop


@pytest.mark.parametrize("end", [(89, 8), (89, 20), (75, 12)])
@pytest.mark.parametrize("size", [1, 6])
def test_a_zero_keeps_no_stroke_to_the_next_digit(
    cnn: Classifier, end: tuple[int, int], size: int
) -> None:
    """Whether it ends in the picture or not, and where the zero is looked at closely."""
    picture = zero(end, size)
    prediction = answer(cnn, picture)

    assert normalise(picture).steps.count(REMOVED) == 1
    assert (prediction.digit, prediction.decision) == (0, "accept")


def test_a_stroke_out_of_the_picture_is_no_part_of_any_digit() -> None:
    """One at the top of a hook is cut off if it reaches the border, and stays if it does not."""
    stroke = [[(35, 5), (10, 45), (30, 85)], [(30, 20), (78, 22)]]

    assert cut_out(stroke, width=79)[0] < 42
    assert cut_out(stroke, width=120)[0] == cut_out(stroke, width=120)[1]


def test_the_corner_of_a_frame_is_no_one() -> None:
    """Though one of its lines leaves the picture."""
    kept, end = cut_out([[(10, 5), (10, 85)], [(10, 5), (78, 7)]], width=79)

    assert kept == end


@pytest.mark.parametrize("lines", [[FIVE], FOUR, [[(20, 20), (60, 15), (20, 80), (110, 78)]]])
def test_strokes_of_the_digit_stay(lines: list[list[tuple[int, int]]]) -> None:
    """The bar of a 5 or a 4, and the tail of a 2."""
    kept, end = cut_out(lines)

    assert kept == end


def test_the_stem_of_an_open_four_stays() -> None:
    """It is too steep for a joining stroke, even where it ends at the border."""
    kept, end = cut_out([[(20, 8), (15, 45), (50, 45)], [(67, 5), (45, 84)]], width=69)

    assert kept == end


def test_a_coarse_digit_is_left_as_it_is() -> None:
    """With less than 24 rows."""
    mask = np.zeros((23, 40), np.bool_)
    mask[:, 5] = mask[4, 5:] = True

    assert columns_without_joining_stroke(mask, (slice(0, 23), slice(5, 40))) == 40
