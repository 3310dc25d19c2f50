"""Temperature scaling and reject thresholds, chosen on validation images."""

import numpy as np
from numpy.typing import NDArray

from model_core.abstention import Abstention
from model_core.classifier import Classifier
from model_core.losses import SoftmaxCrossEntropy, one_hot
from model_core.parameter import Array
from training.data.dataset import Dataset

# The share of MNIST's validation digits that the reject class may refuse.
FALSE_REJECT_RATE = 0.006
# The same of generated handwriting, whose forms are rarer, and some of them broken by rendering.
FALSE_REJECT_RATE_HANDWRITING = 0.03
# Smallest probability of an accepted digit: more than all other digits together.
AMBIGUOUS = 0.5

TEMPERATURES = np.geomspace(0.25, 4, 81)


def choose_abstention(
    classifier: Classifier, validation: Dataset, handwriting: Array | None = None
) -> Abstention:
    """Choose temperature and thresholds on validation images of the digits.

    The temperature minimises the loss of ``validation``. The reject class refuses at most a fixed
    share of these, and at most another one of ``handwriting``, (N, 14, 14) float32, if given.
    """
    logits = classifier.logits(validation.images)[:, : len(classifier.labels)]
    not_a_digit = None
    if classifier.abstention.has_reject_class:
        not_a_digit = _reject_threshold(classifier, validation.images, FALSE_REJECT_RATE)
        if handwriting is not None:
            rate = FALSE_REJECT_RATE_HANDWRITING
            not_a_digit = max(not_a_digit, _reject_threshold(classifier, handwriting, rate))
    temperature = fit_temperature(logits, validation.classes)
    return Abstention(temperature=temperature, not_a_digit=not_a_digit, ambiguous=AMBIGUOUS)


def _reject_threshold(classifier: Classifier, images: Array, rate: float) -> float:
    """Return the probability of the reject class that a share of the images exceeds."""
    return float(np.quantile(classifier.reject_probability(images), 1 - rate))


def fit_temperature(logits: Array, classes: NDArray[np.intp]) -> float:
    """Temperature scaling: return the temperature with the smallest cross-entropy.

    Shapes: ``logits`` (N, K) float32, ``classes`` (N,) integers in 0..K-1; N > 0.
    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2.
    """
    criterion, target = SoftmaxCrossEntropy(), one_hot(classes, logits.shape[1])
    losses = [criterion.value(logits / np.float32(t), target) for t in TEMPERATURES]
    return float(TEMPERATURES[np.argmin(losses)])
