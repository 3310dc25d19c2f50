"""Label shift: marks around a box decide how certain an answer must be."""

import numpy as np
import pytest

from app.inference.sheets.label_shift import (
    adjust_predictions,
    estimate_share,
    group_boxes,
    least_certainty,
)
from model_core.abstention import Abstention
from model_core.classifier import Prediction

LEAST = 0.65


def answers(*certainties: float) -> list[Prediction]:
    """Return predictions of given certainties that any of the digits is shown."""
    return [
        Prediction(2, 1.0, (0, 0, 1.0), "accept", None, certainty)
        if certainty >= LEAST
        else Prediction(2, 1.0, (0, 0, 1.0), "abstain", "not_a_digit", certainty)
        for certainty in certainties
    ]


def test_a_moderately_sure_answer_among_other_marks_abstains() -> None:
    """In a column of ticks, one that looks like a digit is none; a certain digit stays."""
    column = answers(0.97, *[0.01] * 9, 0.999999)

    adjusted = adjust_predictions(column, [range(len(column))], LEAST)

    assert (adjusted[0].decision, adjusted[0].reason) == ("abstain", "not_a_digit")
    assert adjusted[1:] == column[1:]


@pytest.mark.parametrize("others", [[0.999] * 9, [0.999] * 6 + [0.01] * 2, []])
def test_an_answer_among_digits_stays(others: list[float]) -> None:
    """As with the thresholds of the model: also where some digits are unknown to it."""
    column = answers(0.7, *others)

    assert adjust_predictions(column, [range(len(column))], LEAST) == column


def test_blank_boxes_are_no_evidence() -> None:
    """Empty boxes say nothing of the marks in others."""
    blank = Prediction(0, 0.0, (1.0, 0, 0), "abstain", "blank", 0.0)
    column = [*answers(0.7), *[blank] * 20]

    assert adjust_predictions(column, [range(len(column))], LEAST) == column


def test_a_field_of_digits_stays_beside_columns_of_marks() -> None:
    """Each group has its own share of marks that are no digits."""
    page = answers(*[0.01] * 20, *[0.9999] * 7, 0.95)
    groups = group_boxes([0] * 20 + list(range(8)), [range(20, 28)])

    assert groups == [range(20, 28), list(range(20))]
    assert adjust_predictions(page, groups, LEAST) == page


def test_certain_digits_make_the_share_smaller() -> None:
    """The expected share falls with each digit."""
    few, many = (estimate_share(np.full(count, 0.9999), 0.3) for count in (2, 20))

    assert many < few < 0.3


def test_the_threshold_of_the_caller_counts_before_that_of_the_model() -> None:
    """At a threshold of 0, all is accepted, as for single pictures."""
    model = Abstention(not_a_digit=0.4)

    assert least_certainty(model, 0.0) == 0
    assert least_certainty(model, None) == 0.6
    assert least_certainty(Abstention(), None) == 0
