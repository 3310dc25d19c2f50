"""Label shift: the certainty of a digit, adjusted to how many of the marks around it are none.

The share of marks that are no digits is estimated by expectation maximisation from the model's own
certainties, and the posterior odds follow it. Source: Saerens, Latinne and Decaestecker 2002,
"Adjusting the Outputs of a Classifier to New a Priori Probabilities".
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from model_core.abstention import Abstention
from model_core.classifier import Prediction

Numbers = NDArray[np.float64]

# The share of marks that are no digits up to which a model's thresholds hold: a model of some of
# the digits sees many others. And the number of marks that the expected share counts as.
ASSUMED_SHARE, PRIOR_MARKS = 0.3, 2.0

# The odds follow the share with this power: a model is too sure of marks unlike its training data,
# and takes some question marks for a 2 with 0.98.
POWER = 2

# Steps of the expectation maximisation.
STEPS = 8

# Certainties are at least this far from 0 and 1.
LEAST = 1e-9


def least_certainty(abstention: Abstention, threshold: float | None) -> float:
    """Return the certainty that an accepted answer has: the caller's threshold, or the model's."""
    if threshold is not None:
        return threshold
    return 0.0 if abstention.not_a_digit is None else 1 - abstention.not_a_digit


def adjust_predictions(
    predictions: Sequence[Prediction], surroundings: Sequence[Sequence[int]], least: float
) -> list[Prediction]:
    """Return predictions for boxes; some that were accepted abstain, because of ``not_a_digit``.

    ``surroundings`` are groups of boxes, as places in the list; where a group has few marks, those
    of all boxes count, too. ``least`` is the certainty that an accepted answer has.
    """
    marks = np.array([one.reason not in ("blank", "several_digits") for one in predictions], bool)
    certainties = np.array([one.certainty for one in predictions])
    usual = estimate_share(certainties[marks], ASSUMED_SHARE)
    adjusted = list(predictions)
    for group in surroundings:
        for place in (one for one in group if predictions[one].decision == "accept"):
            others = [other for other in group if other != place and marks[other]]
            share = max(estimate_share(certainties[others], usual), ASSUMED_SHARE)
            if shift(certainties[place], share) < least:
                adjusted[place] = replace(
                    predictions[place], decision="abstain", reason="not_a_digit"
                )
    return adjusted


def group_boxes(columns: Sequence[int], fields: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    """Return the places of the boxes of each field, and of each column of the other boxes."""
    inside = {place for field in fields for place in field}
    groups = defaultdict(list)
    for place, column in enumerate(columns):
        if place not in inside:
            groups[column].append(place)
    return [*fields, *groups.values()]


def estimate_share(certainties: Numbers, prior: float) -> float:
    """Return the share of marks that are no digits, of which ``prior`` is expected.

    Shapes: ``certainties`` (N,) of the model, 0 to 1.
    """
    share = prior
    for _ in range(STEPS):
        others = float((1 - shift(certainties, share)).sum())
        share = (others + PRIOR_MARKS * prior) / (len(certainties) + PRIOR_MARKS)
    return share


def shift(certainty: Numbers, share: float) -> Numbers:
    """Return certainties as they are where a share of all marks are no digits."""
    limited = np.clip(certainty, LEAST, 1 - LEAST)
    change = (1 - share) / share * ASSUMED_SHARE / (1 - ASSUMED_SHARE)
    odds = limited / (1 - limited) * change**POWER
    return np.asarray(odds / (1 + odds))
