"""A model with known answers, and test images for it."""

import dataclasses
from typing import Any

import numpy as np

from model_core.classifier import Classifier
from model_core.layers import Flatten, Linear
from model_core.network import Sequential
from model_core.weights import Pretrained
from tests.support.models import pretrained
from tests.support.small_mnist import SMALL_MNIST
from training.data.mnist import Mnist

HISTORY = tuple(
    {
        "epoch": epoch,
        "learning_rate": 0.1 / epoch,
        "train_loss": 1 / epoch,
        "train_accuracy": 1 - 0.1 / epoch,
        "validation_loss": 1.2 / epoch,
        "validation_accuracy": 1 - 0.2 / epoch,
    }
    for epoch in (1, 2, 3)
)


def obedient(labels: tuple[int, ...] = (0, 1, 2), **card: Any) -> Pretrained:
    """Return a model that answers with the index of the lit pixel in the top row."""
    linear = Linear(196, len(labels), rng=np.random.default_rng(0))
    linear.weight.value[...] = 0
    for index in range(len(labels)):
        linear.weight.value[index, index] = 5
    classifier = Classifier(Sequential(Flatten(), linear), labels=labels, input_shape=(14, 14))
    return pretrained(classifier, **{"history": HISTORY} | card)


def shown(*pairs: tuple[int, int], light: int = 255) -> Mnist:
    """Return test images, each with a label and one lit pixel."""
    images = np.zeros((len(pairs), 28, 28), np.uint8)
    for image, (_, index) in zip(images, pairs, strict=True):
        image[:2, 2 * index : 2 * index + 2] = light
    digits = np.array([digit for digit, _ in pairs], np.uint8)
    return dataclasses.replace(SMALL_MNIST, test_images=images, test_labels=digits)


# Seven images: a 1 and a 2 are taken for 0, the other five are right; a 7 is none of the labels.
SEVEN = shown((0, 0), (7, 1), (1, 1), (2, 0), (1, 0), (2, 2), (0, 0), (1, 1))
