"""Words and small figures beside a digit are no part of it."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from model_core.classifier import Classifier
from model_core.preprocessing import normalise
from model_core.preprocessing.image_ops.types import Grey8
from model_core.preprocessing.steps import Kind, Removed
from tests.model_core.preprocessing.reading import answer, is_two, paper

REMOVED = Removed(Kind.WRITING, 1)


def printed(text: str, place: tuple[int, int], size: int) -> Grey8:
    """Return a two with a printed text, which begins at a place (x, y)."""
    image = Image.fromarray(np.pad(paper(), 30, constant_values=255))
    ImageDraw.Draw(image).text(place, text, fill=0, font=ImageFont.load_default(size))
    return np.asarray(image)


@pytest.mark.parametrize(
    ("text", "place", "size"),
    [
        ("Question 1", (50, 20), 15),
        ("Points", (8, 70), 16),
        ("Total", (70, 135), 20),
        ("27", (22, 16), 30),
        ("861", (15, 18), 24),
    ],
)
def test_small_writing_is_taken_away(
    cnn: Classifier, text: str, place: tuple[int, int], size: int
) -> None:
    """Words above, beside and below, and the small figures in the corner of a cell."""
    picture = printed(text, place, size)

    assert REMOVED in normalise(picture).steps
    assert is_two(answer(cnn, picture))


def test_a_single_figure_is_no_word() -> None:
    """What was written with the digit stays, as the dots of an umlaut."""
    picture = np.full((90, 90), 255, np.uint8)
    picture[30:80, 25:65] = 0
    picture[36:74, 31:59] = 255
    one, two = picture.copy(), picture.copy()
    one[14:23, 40:50] = 0
    two[14:22, 30:38] = two[14:22, 52:60] = 0

    for dotted in (one, two):
        assert not [step for step in normalise(dotted).steps if isinstance(step, Removed)]


def test_letters_are_not_looked_for_in_a_pattern() -> None:
    """Among more than 24 pieces it would take too long."""
    picture = np.full((96, 96), 255, np.uint8)
    picture[30:90, 40:60] = 0
    picture[2:24:6, 2:94:4] = picture[3:24:6, 2:94:4] = 0

    assert REMOVED not in normalise(picture).steps
