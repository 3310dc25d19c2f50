"""How good a model is on images that it was not trained on."""

import numpy as np

from model_core.classifier import Classifier
from model_core.metrics import accuracy, rmse
from training.dataset import Dataset


def evaluate(classifier: Classifier, dataset: Dataset) -> dict[str, float]:
    """Return accuracy, number of errors, number of images, and RMSE of the probabilities.

    Units: ``test_accuracy`` in 0..1; ``test_rmse`` against 1 for the right digit and 0 elsewhere.
    """
    probabilities = classifier.probabilities(dataset.images)
    truth = np.eye(len(classifier.labels))[dataset.classes]
    wrong = np.count_nonzero(probabilities.argmax(axis=1) != dataset.classes)
    return {
        "test_accuracy": accuracy(probabilities, dataset.classes),
        "test_errors": int(wrong),
        "test_images": len(dataset),
        "test_rmse": rmse(probabilities, truth),
    }
