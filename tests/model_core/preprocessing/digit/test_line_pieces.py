"""Pieces of lines beside strokes, and lines that are taken away all at once."""

import numpy as np
import pytest

from model_core.preprocessing.digit.ink import Ink
from model_core.preprocessing.digit.line_pieces import is_piece_of_line, keep_strokes


def stroke_beside_a_line(level: float) -> Ink:
    """Return a stroke of five pixels' width, with a piece of a line of some level across it."""
    contrast = np.zeros((60, 90), np.float32)
    contrast[10:50, 40:45] = 200
    contrast[30:32, 20:70] = np.maximum(contrast[30:32, 20:70], level)
    return Ink(contrast, peak=200, threshold=40, uneven=False)


def test_what_is_as_faint_as_lines_stays_beside_a_stroke_only() -> None:
    """Its soft edge is the stroke's own; a line as dark as ink is kept."""
    kept = keep_strokes(stroke_beside_a_line(90))

    assert kept is not None
    assert np.flatnonzero(kept.contrast[30]).tolist() == list(range(38, 47))
    assert keep_strokes(stroke_beside_a_line(150)) is None


def test_a_coarse_picture_has_no_lines() -> None:
    """In a few pixels lines cannot be told from strokes."""
    small = Ink(np.ones((20, 20), np.float32), peak=1, threshold=0.5, uneven=False)

    assert keep_strokes(small) is None


@pytest.mark.parametrize(("beyond", "expected"), [(80, True), (0, False)])
def test_a_piece_of_a_line_goes_on_beyond_its_ends(beyond: float, expected: bool) -> None:
    """Part of a line may be as dark as ink; a stroke ends where it ends."""
    contrast = np.zeros((60, 90), np.float32)
    contrast[:, 40:42] = beyond
    contrast[20:45, 40:42] = 200
    ink = Ink(contrast, peak=200, threshold=40, uneven=False)
    across = Ink(contrast.T, peak=200, threshold=40, uneven=False)

    assert is_piece_of_line(ink, (slice(20, 45), slice(40, 42))) == expected
    assert is_piece_of_line(across, (slice(40, 42), slice(20, 45))) == expected


def test_a_wide_stroke_is_no_piece_of_a_line() -> None:
    """Whatever goes on beyond its ends."""
    ink = Ink(np.full((60, 90), 200, np.float32), peak=200, threshold=40, uneven=False)

    assert not is_piece_of_line(ink, (slice(20, 45), slice(30, 50)))


def test_the_soft_edges_of_a_bold_stroke_are_no_lines() -> None:
    """They are thicker than lines."""
    down = abs(np.arange(90) - 45)
    profile = np.clip((35 - down) / 25, 0, 1)
    contrast = np.outer(200 * profile, np.ones(90)).astype(np.float32)

    assert keep_strokes(Ink(contrast, peak=200, threshold=40, uneven=False)) is None
