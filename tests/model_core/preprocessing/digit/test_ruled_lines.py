"""Ruled lines are removed."""

import numpy as np

from model_core.classifier import Classifier
from tests.model_core.preprocessing.reading import answer, squared


def test_squared_paper_without_a_digit_is_none(cnn: Classifier) -> None:
    """Where lines cross they are darkest, but no digit; nor is a line darker than the others."""
    sheet = squared(np.full((112, 112), 255, np.uint8))
    assert answer(cnn, sheet).decision == "abstain"

    sheet[:, 59:61] = 60
    assert answer(cnn, sheet).decision == "abstain"
