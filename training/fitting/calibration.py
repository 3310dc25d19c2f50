"""Choosing on validation images what probabilities mean and when to abstain."""

import numpy as np
from numpy.typing import NDArray

from model_core.abstention import Abstention
from model_core.classifier import Classifier
from model_core.losses import SoftmaxCrossEntropy, one_hot
from model_core.parameter import Array
from training.data.dataset import Dataset

# Of genuine digits this share may be called none of them.
NOT_A_DIGIT = 0.0057
# The likeliest digit is likelier than all others together, or there is no answer.
AMBIGUOUS = 0.5

TEMPERATURES = np.geomspace(0.25, 4, 81)


def choose_abstention(classifier: Classifier, validation: Dataset) -> Abstention:
    """Return the temperature and the thresholds that suit some images of the digits.

    The temperature makes the loss on them smallest; "none of them" refuses a fixed share of them.
    """
    logits = classifier.logits(validation.images)[:, : len(classifier.labels)]
    not_a_digit = None
    if classifier.abstention.knows_none:
        none = classifier.none_of_them(validation.images)
        not_a_digit = float(np.quantile(none, 1 - NOT_A_DIGIT))
    temperature = fit_temperature(logits, validation.classes)
    return Abstention(temperature=temperature, not_a_digit=not_a_digit, ambiguous=AMBIGUOUS)


def fit_temperature(logits: Array, classes: NDArray[np.intp]) -> float:
    """Return the temperature that makes the cross-entropy smallest.

    Shapes: ``logits`` (N, K) float32, ``classes`` (N,) integers in 0..K-1; N > 0.
    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2.
    """
    criterion, target = SoftmaxCrossEntropy(), one_hot(classes, logits.shape[1])
    losses = [criterion.value(logits / np.float32(t), target) for t in TEMPERATURES]
    return float(TEMPERATURES[np.argmin(losses)])
