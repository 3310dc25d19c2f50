"""Evaluation on held-out test images."""

import numpy as np

from model_core.classifier import Classifier
from model_core.metrics import accuracy, reliability, rmse
from model_core.parameter import Array
from training.data.dataset import Dataset, select
from training.data.mnist import Mnist


def held_out(mnist: Mnist, digits: tuple[int, ...], per_digit: int | None) -> Dataset:
    """Return the test images of some digits: the first ``per_digit`` of each, or all for None."""
    part = slice(0, per_digit)
    return select(mnist.test_images, mnist.test_labels, digits=digits, part=part).downsampled()


def held_out_metrics(
    classifier: Classifier, mnist: Mnist, per_digit: int | None
) -> dict[str, float]:
    """Return the metrics of ``evaluate``, and the abstention rate on the other digits.

    Units: ``test_others_abstained`` is a share, 0..1; it is missing if there are no other digits.
    """
    metrics = evaluate(classifier, held_out(mnist, classifier.labels, per_digit))
    others = tuple(digit for digit in range(10) if digit not in classifier.labels)
    if others:
        images = held_out(mnist, others, per_digit).images
        metrics["test_others_abstained"] = abstained(classifier, images)
    return metrics


def evaluate(classifier: Classifier, dataset: Dataset) -> dict[str, float]:
    """Return accuracy, RMSE, calibration error and abstention rate on a data set.

    Units: ``test_accuracy``, over all answers whether accepted or not, ``test_abstained`` and
    ``test_calibration_error`` are shares, 0..1; ``test_rmse`` is that of the probabilities against
    1 for the right digit and 0 elsewhere; ``test_errors`` and ``test_images`` are counts.
    """
    probabilities = classifier.probabilities(dataset.images)
    truth = np.eye(len(classifier.labels))[dataset.classes]
    wrong = np.count_nonzero(probabilities.argmax(axis=1) != dataset.classes)
    return {
        "test_accuracy": accuracy(probabilities, dataset.classes),
        "test_errors": int(wrong),
        "test_images": len(dataset),
        "test_rmse": rmse(probabilities, truth),
        "test_calibration_error": reliability(probabilities, dataset.classes).calibration_error,
        "test_abstained": abstained(classifier, dataset.images),
    }


def abstained(classifier: Classifier, images: Array) -> float:
    """Return the abstention rate on images (N, height, width), 0..1."""
    return float(np.mean([answer.decision == "abstain" for answer in classifier.predict(images)]))
