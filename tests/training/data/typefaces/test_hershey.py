"""Hershey's alphabets."""

import sys

import numpy as np
import pytest

from training.data.typefaces import hershey


def test_letters_are_strokes_in_a_unit_square() -> None:
    """The longer side of each letter goes from 0 to 1; upright letters are upright."""
    letters = hershey.letters()

    assert len(letters) > 500
    for _, strokes in letters:
        points = np.concatenate(strokes)
        assert points.dtype == np.float32
        assert points.min() >= 0
        assert points.max() <= 1
        assert np.ptp(points, axis=0).max() == pytest.approx(1)


def test_letters_are_not_upside_down() -> None:
    """The first A has its apex at the top, where y is 0."""
    strokes = next(strokes for code, strokes in hershey.letters() if code == "A")
    points = np.concatenate(strokes)

    top, bottom = (points[points[:, 1] == y, 0] for y in (0, 1))
    assert np.ptp(top) < np.ptp(bottom)


def test_without_the_package_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package there are no letters, and no error."""
    monkeypatch.setitem(sys.modules, "HersheyFonts", None)

    assert hershey.letters.__wrapped__() == []
