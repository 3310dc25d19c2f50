"""Orientation of a page by the scores of its boxes."""

from app.inference.sheets.orientation import upright_turns


def test_another_orientation_must_be_clearly_better() -> None:
    """Otherwise the page stays as it is."""
    assert upright_turns((0, 1, 2, 3), [5, 0, 5.5, 0]) == 0
    assert upright_turns((0, 1, 2, 3), [1, 0, 5.5, 0]) == 2
    assert upright_turns((2, 0), [1, 0]) == 2
    assert upright_turns((0, 1, 2, 3), [0, 0, 0, 0]) == 0
