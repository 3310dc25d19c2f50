"""Grid extrapolation: places beside boxes are proposed once."""

import numpy as np

from app.sheets.boxes.completion import propose

BOX = np.array([[[100, 100], [140, 100], [140, 140], [100, 140]]], float)


def test_the_places_around_a_box_are_proposed() -> None:
    """To its right and left, above and below it."""
    middles = propose(BOX, np.zeros((0, 4, 2))).mean(axis=1)

    assert sorted(middles.tolist()) == [[80, 120], [120, 80], [120, 160], [160, 120]]


def test_what_was_tried_before_is_not_proposed_again() -> None:
    """Else each round would measure it anew."""
    tried = propose(BOX, np.zeros((0, 4, 2)))

    assert not len(propose(BOX, tried))
    assert len(propose(BOX, tried[:1])) == 3
