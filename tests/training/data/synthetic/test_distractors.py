"""Distractors."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from training.data.synthetic.distractors import DISTRACTORS, MOST_EATEN, add_distractors


def bars(count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return ones."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 4:24, 12:16] = 255
    return images


@pytest.mark.parametrize("number", range(len(DISTRACTORS)))
def test_each_kind_changes_most_images(number: int, rng: np.random.Generator) -> None:
    """Each kind changes almost all images, each in its own way, and stays within 0..1."""
    add, _ = DISTRACTORS[number]
    ink = bars(40).astype(np.float32) / 255

    changed = add(ink, rng)

    assert changed.shape == ink.shape
    assert changed.min() >= 0
    assert changed.max() <= 1
    assert (changed != ink).any(axis=(1, 2)).sum() >= 30
    assert len(np.unique(changed, axis=0)) >= 3


def test_the_digit_stays_readable(rng: np.random.Generator) -> None:
    """Of the digit at least its outline is left, and splashes eat little of it."""
    for add, _ in DISTRACTORS:
        ink = bars(60).astype(np.float32) / 255
        changed = add(ink, rng)
        edge = np.zeros((28, 28), bool)
        edge[3:25, 11:17] = True
        edge[6:22, 13:15] = False
        assert (changed[:, edge].sum(axis=1) > (1 - MOST_EATEN) * 0.4 * edge.sum()).all()


def test_marks_are_sparse(rng: np.random.Generator) -> None:
    """No distractor covers half of the picture."""
    changed = add_distractors(bars(300), rng)

    assert (changed > 127).mean(axis=(1, 2)).max() < 0.5


def test_the_generator_decides() -> None:
    """The pictures depend on the generator only; those given are not changed."""
    images = bars(50)
    one, again, other = (add_distractors(images, np.random.default_rng(s)) for s in (1, 1, 2))

    assert_array_equal(images, bars(50))
    assert_array_equal(one, again)
    assert (one != other).any()


def test_shares_add_up() -> None:
    """The relative frequencies add up to 1."""
    assert sum(share for _, share in DISTRACTORS) == pytest.approx(1)


def test_no_image_is_no_error(rng: np.random.Generator) -> None:
    """Of no images none is returned."""
    assert add_distractors(bars(0), rng).shape == (0, 28, 28)
