"""Mistakes of a classifier on labelled pictures: no right answer, or an answer where none is."""

import numpy as np
from numpy.typing import NDArray

from model_core.classifier import Classifier
from model_core.preprocessing import downsample
from training.corrections.corrections import Corrections


def mistakes(classifier: Classifier, corrections: Corrections) -> NDArray[np.bool_]:
    """Return whether the classifier is mistaken on each picture, (N,).

    Right is to accept the true digit, or to abstain if it is not one of the classifier's.
    """
    if not len(corrections):
        return np.zeros(0, bool)
    answers = classifier.predict(downsample(corrections.pictures), corrections.trust.tolist())
    accepted = np.array([answer.decision == "accept" for answer in answers])
    digits = np.array([answer.digit for answer in answers])
    known = np.isin(corrections.labels, classifier.labels)
    return np.where(known, ~accepted | (digits != corrections.labels), accepted)
