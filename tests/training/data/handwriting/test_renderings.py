"""Pens, finishes, paper, and the pictures that come of them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from training.data.handwriting import draw_handwriting, finishes
from training.data.handwriting.draw import FREQUENCIES, choose_digits
from training.data.handwriting.hand import write
from training.data.handwriting.paper import CONTRAST, on_paper
from training.data.handwriting.pen import SIZE, draw_ink
from training.data.handwriting.renderings import RENDERINGS, render_bitmap

BAR = [np.array([[0.0, 0.0], [0.0, 1.0]])]


def test_a_line_has_the_length_and_width_that_were_asked_for(rng: np.random.Generator) -> None:
    """A round nib draws the width everywhere; the drawing is cropped to the ink and a margin."""
    widths = set()
    for _ in range(20):  # half of them with a broad nib, which may be narrower
        ink = draw_ink(BAR, 60, 8, rng)
        assert ink.shape == (70, 10)
        assert ink.max() == 1
        widths.add(round(float(ink[35].sum()), 1))
    assert max(widths) == pytest.approx(8, abs=0.2)
    assert min(widths) < 7


def test_a_drawing_stays_within_the_canvas(rng: np.random.Generator) -> None:
    """A height or width beyond the canvas is reduced."""
    square = [np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0]])]

    assert max(draw_ink(square, 500, 20, rng).shape) <= SIZE


@pytest.mark.parametrize("name", RENDERINGS)
def test_each_finish_keeps_the_ink_and_its_range(name: str, rng: np.random.Generator) -> None:
    """Every finish returns ink in 0..1 that is neither gone nor everywhere."""
    how = RENDERINGS[name]
    for digit in (0, 2, 3, 4, 6, 8):  # a stem that is cropped is all ink
        height = how.height[0]
        drawn = draw_ink(write(digit, rng), height, height * sum(how.stroke) / 2, rng)
        ink = how.finish(drawn, rng)
        assert 0 <= ink.min() < 0.3
        assert 0.4 < ink.max() <= 1.01
        assert 0.01 < ink.mean() < 0.95


def test_shares_of_the_renderings_add_up() -> None:
    """The shares of all renderings add up to 1."""
    assert sum(how.share for how in RENDERINGS.values()) == pytest.approx(1)


def test_bitmaps_and_counts_have_the_size_of_their_name(rng: np.random.Generator) -> None:
    """A stem is not stretched to a square; counts are multiples of a sixteenth."""
    ink = draw_ink(write(0, rng), 60, 5, rng)
    stem = draw_ink(BAR, 60, 5, rng)

    assert max(finishes.bitmap_16(ink, rng).shape) == 16
    assert finishes.bitmap_16(stem, rng).shape[1] < 8
    counts = finishes.counts_8(ink, rng)
    assert counts.shape == (8, 8)
    assert_array_equal(counts * 16 % 1, 0)


def test_a_blur_keeps_the_amount_of_ink() -> None:
    """The weights of an inner pixel add up to 1, and the blur has the given width."""
    weights = finishes.gaussian_weights(41, 2.0)

    assert_allclose(weights.sum(axis=0)[10:-10], 1, atol=1e-3)
    spread = np.sqrt((weights[20] * (np.arange(41) - 20) ** 2).sum())
    assert_allclose(spread, 2, atol=0.02)


def test_paper_has_margins_contrast_and_either_polarity(rng: np.random.Generator) -> None:
    """Both polarities occur; the contrast is at least the least one, less what JPEG takes."""
    ink = np.zeros((30, 20), np.float32)
    ink[5:25, 8:12] = 1
    pictures = [on_paper(ink, rng) for _ in range(60)]

    assert {bool(np.median(picture) > 127) for picture in pictures} == {True, False}
    for picture in pictures:
        assert picture.dtype == np.uint8
        assert picture.shape >= ink.shape
        assert np.ptp(picture) > 255 * (CONTRAST[0] - 0.1)
    assert len({picture.shape for picture in pictures}) > 5


def test_handwriting_is_in_mnists_format_and_depends_on_the_generator() -> None:
    """Pictures lie within 20x20 and have ink; same generator, same pictures."""
    digits = np.arange(60) % 10

    one, again, other = (draw_handwriting(digits, np.random.default_rng(n)) for n in (1, 1, 2))

    assert_array_equal(one, again)
    assert (one != other).any(axis=(1, 2)).all()
    for image in one:
        rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
        assert 5 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 20


def test_digits_are_chosen_among_those_asked_for(rng: np.random.Generator) -> None:
    """The frequencies are kept among the digits that are asked for."""
    chosen = choose_digits(9000, (1, 3), rng)

    share = FREQUENCIES[1] / (FREQUENCIES[1] + FREQUENCIES[3])
    assert set(chosen.tolist()) == {1, 3}
    assert_allclose((chosen == 1).mean(), share, atol=0.02)


def test_a_bitmap_is_rendered_in_the_same_ways(rng: np.random.Generator) -> None:
    """A letter arrives in MNIST's format with its proportions, but for square bitmaps."""
    shape = np.zeros((60, 30), np.float32)
    shape[:, :8] = shape[-8:] = shape[26:34, :20] = 1
    rendered = [render_bitmap(shape, rng) for _ in range(30)]
    sizes = []
    for picture in [picture for picture in rendered if picture.any()]:
        rows, columns = (np.flatnonzero(picture.any(axis=axis)) for axis in (1, 0))
        sizes.append((np.ptp(rows) + 1, np.ptp(columns) + 1))

    assert len(sizes) >= 25
    assert np.median([tall for tall, _ in sizes]) == 20
    assert 9 <= np.median([wide for _, wide in sizes]) <= 12
