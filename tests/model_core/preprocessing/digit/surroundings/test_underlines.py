"""Lines under a digit are no part of it."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model_core.classifier import Classifier
from model_core.preprocessing import normalise
from model_core.preprocessing.image_ops.types import Grey8
from model_core.preprocessing.steps import Kind, Removed
from tests.model_core.preprocessing.reading import answer, is_two, paper


def underlined(picture: Grey8, lines: int, *, climb: int = 0) -> Grey8:
    """Return a digit with lines under it, which climb from left to right."""
    image = Image.fromarray(np.pad(picture, 25, constant_values=255))
    for row in range(lines):
        ends = (40, 128 + 11 * row, 122, 128 + 11 * row - climb)
        ImageDraw.Draw(image).line(ends, fill=0, width=5)
    return np.asarray(image)


@pytest.mark.parametrize(("lines", "climb"), [(1, 0), (1, 8), (2, 0), (2, 5)])
def test_lines_under_a_digit_are_taken_away(cnn: Classifier, lines: int, climb: int) -> None:
    """One or two, level or not."""
    picture = underlined(paper(), lines, climb=climb)

    assert Removed(Kind.UNDERLINE, lines) in normalise(picture).steps
    assert is_two(answer(cnn, picture))


def test_a_line_that_has_more_ink_than_the_digit_is_not_the_digit(cnn: Classifier) -> None:
    """A 1 over a long line, in the middle of the picture."""
    picture = np.full((120, 160), 255, np.uint8)
    picture[20:65, 77:82] = picture[75:80, 20:140] = 0

    assert Removed(Kind.UNDERLINE, 1) in normalise(picture).steps
    assert answer(cnn, picture).digit == 1


def test_the_base_of_a_two_stays_where_the_pen_skips() -> None:
    """It is near, and reaches no farther than the digit on both sides."""
    picture = paper().copy()
    picture[81:83, 20:48] = 255

    assert Kind.UNDERLINE not in {getattr(step, "kind", None) for step in normalise(picture).steps}


def test_a_line_alone_is_no_underline() -> None:
    """Nor is one with a speck above it."""
    picture = np.full((80, 80), 255, np.uint8)
    picture[50:54, 10:70] = picture[38:42, 38:42] = 0

    assert Removed(Kind.UNDERLINE, 1) not in normalise(picture).steps
