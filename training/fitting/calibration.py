"""Temperature scaling and reject thresholds, chosen on validation images."""

import numpy as np
from numpy.typing import NDArray

from model_core.abstention import Abstention
from model_core.classifier import Classifier
from model_core.losses import SoftmaxCrossEntropy, one_hot
from model_core.parameter import Array
from training.data.dataset import Dataset

# The share of the validation digits that the reject class may refuse.
FALSE_REJECT_RATE = 0.0057
# Smallest probability of an accepted digit: more than all other digits together.
AMBIGUOUS = 0.5

TEMPERATURES = np.geomspace(0.25, 4, 81)


def choose_abstention(classifier: Classifier, validation: Dataset) -> Abstention:
    """Choose temperature and thresholds on validation images of the digits.

    The temperature minimises their loss; the reject class refuses a fixed share of them.
    """
    logits = classifier.logits(validation.images)[:, : len(classifier.labels)]
    not_a_digit = None
    if classifier.abstention.has_reject_class:
        reject = classifier.reject_probability(validation.images)
        not_a_digit = float(np.quantile(reject, 1 - FALSE_REJECT_RATE))
    temperature = fit_temperature(logits, validation.classes)
    return Abstention(temperature=temperature, not_a_digit=not_a_digit, ambiguous=AMBIGUOUS)


def fit_temperature(logits: Array, classes: NDArray[np.intp]) -> float:
    """Temperature scaling: return the temperature with the smallest cross-entropy.

    Shapes: ``logits`` (N, K) float32, ``classes`` (N,) integers in 0..K-1; N > 0.
    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2.
    """
    criterion, target = SoftmaxCrossEntropy(), one_hot(classes, logits.shape[1])
    losses = [criterion.value(logits / np.float32(t), target) for t in TEMPERATURES]
    return float(TEMPERATURES[np.argmin(losses)])
