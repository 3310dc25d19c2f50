"""A view of a picture, cropped in step with its reduction, and zooming in."""

import numpy as np
from numpy.testing import assert_array_equal

from model_core.preprocessing.reduction import reduce_to_means, reduction_block
from model_core.preprocessing.steps import Change
from model_core.preprocessing.view import View, expand_box, zoom_in


def view(side: int) -> View:
    """Return a view of a square picture with a light square of 24 pixels in it."""
    pixels = np.zeros((side, side), np.uint8)
    pixels[240:264, 240:264] = 250
    block = reduction_block(pixels.shape)
    return View(pixels, reduce_to_means(pixels, block, negative=False), block, False)


def test_a_part_is_the_same_in_both() -> None:
    """A box of reduced pixels, and the blocks that they stand for."""
    part = view(960).crop((slice(20, 30), slice(24, 26)))

    assert part.pixels.shape == (100, 20)
    assert_array_equal(part.image.pixels, reduce_to_means(part.pixels, 10, negative=False).pixels)


def test_a_step_is_taken_once() -> None:
    """A second time adds nothing."""
    once = view(960).with_step(Change.REMOVED_NOISE)

    assert once.with_step(Change.REMOVED_NOISE).steps == (Change.REMOVED_NOISE,)


def test_light_ink_is_that_of_the_picture_or_of_its_negative() -> None:
    """The negative of a view counts as inverted."""
    upright, turned = (view(960).with_light_ink(light=light) for light in (True, False))

    assert upright.steps == ()
    assert (turned.inverted, turned.steps) == (True, (Change.INVERTED,))
    assert_array_equal(turned.image.pixels, 255 - upright.image.pixels)


def test_a_small_digit_is_looked_at_with_smaller_blocks() -> None:
    """Its surroundings alone, as far as they reach."""
    closer = zoom_in(view(960), (slice(24, 27), slice(24, 27)))

    assert closer is not None
    assert closer.block == 1
    assert closer.pixels.shape == (90, 90)
    assert_array_equal(closer.image.pixels, closer.pixels)


def test_a_large_digit_is_near_enough() -> None:
    """Nor is there more to see of a picture that was not reduced."""
    assert zoom_in(view(960), (slice(10, 60), slice(10, 60))) is None
    assert zoom_in(view(960).crop((slice(0, 9), slice(0, 9))), (slice(0, 50), slice(0, 5))) is None


def test_a_margin_ends_at_the_border() -> None:
    """A box grows on all sides, but not out of the picture."""
    assert expand_box((slice(1, 5), slice(4, 8)), (6, 20), 3) == (slice(0, 6), slice(1, 11))
