"""Letters that are no digit."""

import numpy as np
import pytest

from training.data.synthetic import DigitImages, letters
from training.data.typefaces import catalogue, hershey

FIVE = DigitImages(np.zeros((0, 28, 28), np.uint8), ())
TEN = DigitImages(FIVE.images, FIVE.by_digit, tuple(range(10)))


def test_strokes_stay_near_the_unit_square(rng: np.random.Generator) -> None:
    """Strokes are bent, but not torn out of the square."""
    for _ in range(50):
        strokes = letters.pen_letter(rng, FIVE)
        assert strokes
        points = np.concatenate(strokes)
        assert points.min() > -0.7
        assert points.max() < 1.7


def test_look_alikes_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the letters none that looks like a digit to be told apart is drawn."""
    dot = [np.zeros((2, 2), np.float32)]
    monkeypatch.setattr(hershey, "letters", lambda: [("O", dot), ("S", dot), ("K", dot)])
    letters._pen_letters.cache_clear()

    assert len(letters._pen_letters(FIVE.accepted)) == 2
    assert len(letters._pen_letters(TEN.accepted)) == 1

    letters._pen_letters.cache_clear()


def test_scripts_are_without_look_alikes() -> None:
    """The scripts' characters are without rings and bars."""
    drawn = {
        sign for faces in letters._scripts(FIVE.accepted) for _, signs in faces for sign in signs
    }

    assert "Ψ" in drawn
    assert not drawn & set("ΟοІЗЧ○")


def test_without_the_extra_letters_are_still_drawn(
    monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    """Without handwriting typefaces a printed letter is drawn; without Hershey's, nothing."""
    monkeypatch.setattr(catalogue, "handwriting", list)
    monkeypatch.setattr(letters, "_pen_letters", lambda accepted: [])

    assert letters.handwriting_letter(rng, FIVE).any()
    assert letters.pen_letter(rng, FIVE) is None
