"""Handwritten letters and signs that are no digit."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from training.data.handwriting.forms.letters import LETTERS, LOOK_ALIKES, TURNABLE, _names, letter
from training.data.handwriting.hand import write_letter

FIVE, TEN = tuple(range(5)), tuple(range(10))


@pytest.mark.parametrize("name", LETTERS)
def test_each_letter_spans_the_unit_square(name: str, rng: np.random.Generator) -> None:
    """A letter is about as large as a digit, and begins near the same corner."""
    points = np.concatenate([stroke.points for stroke in LETTERS[name](rng)])

    assert 0.75 <= np.ptp(points, axis=0).max() <= 1.25
    assert (points > -0.25).all()
    assert (points < 1.25).all()


def test_letters_that_are_a_digit_are_left_out() -> None:
    """A G may be a 4; a b may be a 6, which is none for a model of 0-4."""
    left_out = {name for names in LOOK_ALIKES.values() for name in names}

    assert set(LETTERS) - set(_names(FIVE)) == {"lambda", "G", "psi"}
    assert set(LETTERS) - set(_names(TEN)) == left_out


def test_only_signs_that_stay_none_are_turned(rng: np.random.Generator) -> None:
    """An E is drawn as it stands, since it is a 3 when mirrored; others are turned at times."""
    drawn: dict[bytes, int] = {}
    for _ in range(3000):
        points = np.round(np.concatenate([s.points for s in letter(rng, ())]), 6) + 0.0
        drawn[points.tobytes()] = drawn.get(points.tobytes(), 0) + 1
    fixed = {n: np.concatenate([s.points for s in f(rng)]) for n, f in LETTERS.items()}
    upright = {n for n, p in fixed.items() if (np.round(p, 6) + 0.0).tobytes() in drawn}
    mirrored = {
        n for n, p in fixed.items() if (np.round(p * [-1, 1] + [1, 0], 6) + 0.0).tobytes() in drawn
    }

    assert upright == set(LETTERS) - {"wheel"}  # drawn at random
    assert mirrored <= TURNABLE | {"equals"}  # the same when mirrored
    assert len(mirrored) > 15


def test_written_letters_fill_the_unit_square(rng: np.random.Generator) -> None:
    """As written digits: the longer side is from 0 to 1, and no two are the same."""
    drawn = [np.concatenate(write_letter(rng, TEN)) for _ in range(50)]

    for points in drawn:
        assert_allclose(points.min(axis=0), 0, atol=1e-9)
        assert_allclose(points.max(), 1)
    assert len({points.tobytes() for points in drawn}) == 50
