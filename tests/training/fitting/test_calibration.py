"""Temperature and thresholds chosen on validation images."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model_core.abstention import ONLY_BLANK, Abstention
from model_core.classifier import Classifier
from model_core.layers import Flatten
from model_core.network import Sequential
from training.data.dataset import Dataset
from training.fitting.calibration import (
    AMBIGUOUS,
    FALSE_REJECT_RATE,
    choose_abstention,
    fit_temperature,
)


def test_the_temperature_undoes_what_made_logits_too_large(rng: np.random.Generator) -> None:
    """Logits multiplied by three get three times the temperature."""
    logits = rng.normal(0, 2, (20_000, 5)).astype(np.float32)
    drawn = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)

    assert_allclose(fit_temperature(logits, drawn), 1, rtol=0.05)
    assert_allclose(fit_temperature(logits * 3, drawn), 3, rtol=0.05)


def direct(abstention: Abstention) -> Classifier:
    """Return a classifier of two labels whose logits are the pixels of the image."""
    network = Sequential(Flatten())
    shape = (1, 2 + abstention.has_reject_class)
    return Classifier(network, labels=(0, 1), input_shape=shape, abstention=abstention)


def test_a_small_share_of_genuine_digits_is_refused(rng: np.random.Generator) -> None:
    """The reject class refuses the given share of digits; ambiguous ones are refused, too."""
    logits = rng.normal([4, 0, -4], 2, (10_000, 3)).astype(np.float32)
    validation = Dataset(logits[:, None], np.zeros(len(logits), np.intp))
    classifier = direct(Abstention(not_a_digit=1.0))

    classifier.abstention = choose_abstention(classifier, validation)

    reasons = [answer.reason for answer in classifier.predict(validation.images)]
    assert_allclose(reasons.count("not_a_digit") / len(reasons), FALSE_REJECT_RATE, atol=2e-4)
    assert classifier.abstention.ambiguous == AMBIGUOUS


def test_without_the_outcome_only_confidence_counts(rng: np.random.Generator) -> None:
    """Without a reject class there is no threshold for it."""
    logits = rng.normal([4, 0], 2, (5_000, 2)).astype(np.float32)
    validation = Dataset(logits[:, None], np.zeros(len(logits), np.intp))

    chosen = choose_abstention(direct(ONLY_BLANK), validation)

    assert not chosen.has_reject_class
    assert chosen.ambiguous == AMBIGUOUS


@pytest.mark.parametrize("scale", [0.01, 1000.0])
def test_the_search_for_a_temperature_has_ends(scale: float, rng: np.random.Generator) -> None:
    """Logits without an optimal temperature get a finite one above 0."""
    logits = rng.normal(0, scale, (100, 3)).astype(np.float32)

    assert 0.25 <= fit_temperature(logits, logits.argmax(axis=1)) <= 4
