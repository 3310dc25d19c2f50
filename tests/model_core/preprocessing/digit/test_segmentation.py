"""Ink is found, and the digit is segmented."""

import numpy as np

from model_core.preprocessing.digit.ink import Ink, find_ink
from model_core.preprocessing.digit.segmentation import segment_digit
from model_core.preprocessing.image_ops.grey_image import GreyImage
from model_core.preprocessing.image_ops.types import Grey32
from model_core.preprocessing.steps import Kind, Removed


def picture() -> Grey32:
    """Return a light stroke on dark paper with a little noise, 60x60."""
    grey = np.random.default_rng(0).normal(30, 2, (60, 60)).astype(np.float32)
    grey[15:45, 28:33] = 200
    return grey


def ink_of(grey: Grey32) -> Ink:
    """Return the ink of a picture that has some."""
    ink = find_ink(GreyImage(grey))
    assert ink is not None
    return ink


def test_ink_is_the_contrast_to_the_paper() -> None:
    """The paper's level is subtracted; darker pixels have no ink."""
    ink = ink_of(picture())

    assert not ink.uneven
    assert abs(ink.peak - 170) < 2
    assert ink.contrast.min() == 0
    assert abs(ink.contrast[30, 30] - 170) < 2


def test_noise_is_no_ink() -> None:
    """A peak within a few standard deviations."""
    noise = np.random.default_rng(0).normal(30, 5, (60, 60)).astype(np.float32)

    assert find_ink(GreyImage(noise)) is None


def test_the_digit_is_the_stroke_in_the_middle() -> None:
    """Its bounding box and mask; a speck and a stroke at the border are counted apart."""
    grey = picture()
    grey[5:7, 5:7] = 150
    grey[20:44, 58:] = 200

    digit = segment_digit(ink_of(grey))

    assert digit.found
    assert digit.box == (slice(15, 45), slice(28, 33))
    assert digit.sides == (30, 5)
    assert np.count_nonzero(digit.mask) == 150
    assert digit.removed == (Removed(Kind.STROKE, 1), Removed(Kind.SPECK, 1))
    assert digit.trust == 1
    assert not digit.noisy


def test_dots_all_over_are_noise() -> None:
    """A dozen of single pixels or more."""
    grey = picture()
    grey[4::10, 4::10] = 200

    assert segment_digit(ink_of(grey)).noisy


def test_nothing_is_selected_in_a_noisy_picture_if_not_wanted() -> None:
    """The stroke is only found in a picture without dots, or if noise does not matter."""
    clean, noisy = picture(), picture()
    noisy[4::10, 4::10] = 200

    stopped = segment_digit(ink_of(noisy), stop_if_noisy=True)

    assert stopped.noisy
    assert not stopped.found
    assert segment_digit(ink_of(noisy)).found
    assert segment_digit(ink_of(clean), stop_if_noisy=True).found


def test_a_frame_alone_is_no_digit() -> None:
    """There is none, and the box is empty."""
    grey = np.full((60, 60), 30, np.float32)
    grey[1:-1, 1:-1] = 200
    grey[3:-3, 3:-3] = 30

    assert not segment_digit(ink_of(grey)).found
