"""Circles and boxes around a digit are no part of it."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model_core.classifier import Classifier
from model_core.preprocessing import normalise
from model_core.preprocessing.digit.surroundings.enclosures import looks_enclosed
from model_core.preprocessing.image_ops.types import Grey8
from model_core.preprocessing.steps import Kind, Removed
from tests.model_core.preprocessing.reading import answer, is_two, paper

REMOVED = Removed(Kind.ENCLOSURE, 1)


def circled(picture: Grey8, *, open_at: int = 0) -> Grey8:
    """Return a digit within a circle that is open by an angle in degrees."""
    image = Image.fromarray(np.pad(picture, 20, constant_values=255))
    ImageDraw.Draw(image).arc((12, 12, 139, 139), 30 + open_at, 390, fill=0, width=5)
    return np.asarray(image)


def boxed(picture: Grey8) -> Grey8:
    """Return a digit within a box that is a little askew."""
    image = Image.fromarray(np.pad(picture, 40, constant_values=255))
    corners = [(42, 36), (151, 40), (148, 156), (38, 153), (42, 36)]
    ImageDraw.Draw(image).line(corners, fill=30, width=4)
    return np.asarray(image)


def zero(width: int = 60) -> Image.Image:
    """Return a zero of a pen of 7 pixels."""
    image = Image.new("L", (140, 140), 255)
    ImageDraw.Draw(image).ellipse((70 - width // 2, 20, 70 + width // 2, 120), outline=0, width=7)
    return image


def circled_in_a_box(picture: Grey8) -> Grey8:
    """Return a digit within a circle, and that within a box."""
    image = Image.fromarray(np.pad(circled(picture), 40, constant_values=255))
    ImageDraw.Draw(image).rectangle((40, 40, 190, 190), outline=0, width=4)
    return np.asarray(image)


@pytest.mark.parametrize("around", [circled, boxed, circled_in_a_box])
def test_what_is_around_the_digit_is_taken_away(
    cnn: Classifier, around: Callable[[Grey8], Grey8]
) -> None:
    """A circle, a box, and both; the answer is as without."""
    picture = around(paper())

    kinds = {step.kind for step in normalise(picture).steps if isinstance(step, Removed)}
    assert Kind.ENCLOSURE in kinds
    assert is_two(answer(cnn, picture))


def test_a_circle_may_be_open(cnn: Classifier) -> None:
    """By 15 degrees; one that is open by half is no circle."""
    assert is_two(answer(cnn, circled(paper(), open_at=15)))
    assert REMOVED not in normalise(circled(paper(), open_at=180)).steps


def test_a_small_digit_in_a_circle_is_looked_at_closely(cnn: Classifier) -> None:
    """The circle is not seen again, though it is as near as the surroundings that are looked at."""
    picture = np.kron(circled(paper()), np.ones((5, 5), np.uint8))

    assert normalise(picture).steps.count(REMOVED) == 1
    assert is_two(answer(cnn, picture))


def test_a_circle_that_touches_by_its_soft_edge_is_parted(cnn: Classifier) -> None:
    """Between the two strokes the paper is darkened to a third of the ink's contrast."""
    picture = circled(paper()).copy()
    bridge = picture[70:76, 16:60]
    bridge[:] = np.minimum(bridge, 170)

    assert REMOVED in normalise(picture).steps
    assert is_two(answer(cnn, picture))


def test_an_empty_circle_is_a_zero(cnn: Classifier) -> None:
    """There is nothing else in it."""
    prediction = answer(cnn, np.asarray(zero(90)))

    assert (prediction.digit, prediction.decision) == (0, "accept")


def test_the_dot_of_a_zero_is_no_digit() -> None:
    """It is too small to be one."""
    image = zero()
    ImageDraw.Draw(image).ellipse((64, 64, 76, 76), fill=0)

    assert REMOVED not in normalise(np.asarray(image)).steps


def test_the_slash_of_a_zero_is_no_digit() -> None:
    """A slanting bar within a narrow ring; an upright one is a 1 within it."""
    slashed, one = zero(), zero(75)
    ImageDraw.Draw(slashed).line((80, 50, 60, 90), fill=0, width=6)
    ImageDraw.Draw(one).line((72, 45, 68, 95), fill=0, width=6)

    assert REMOVED not in normalise(np.asarray(slashed)).steps
    assert REMOVED in normalise(np.asarray(one)).steps


def test_only_a_ring_with_something_within_is_looked_at_again() -> None:
    """As it takes time: not a ring alone, nor a figure that is open at a side."""
    ring = np.zeros((40, 40), np.bool_)
    ring[:3] = ring[-3:] = ring[:, :3] = ring[:, -3:] = True
    filled, half = ring.copy(), ring.copy()
    filled[15:25, 15:25] = half[15:25, 15:25] = True
    half[:, -3:] = False
    half[20, 37:] = True

    assert not looks_enclosed(ring)
    assert looks_enclosed(filled)
    assert not looks_enclosed(half)
