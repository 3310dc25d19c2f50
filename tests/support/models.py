"""Classifiers with a model card, as loaded from a weights file."""

import dataclasses
from typing import Any

import numpy as np

from model_core.architectures import build
from model_core.classifier import Classifier
from model_core.model_card import ModelCard
from model_core.weights import Pretrained

# Names of the shipped models, in the order in which the service lists them.
SHIPPED = ["cnn", "cnn10", "dnn"]

CARD = ModelCard(
    architecture="notebook-dnn",
    version="1",
    labels=(0, 1, 2, 3, 4),
    input_shape=(14, 14),
    preprocessing="1",
    recipe={"name": "notebook", "epochs": 2, "test_per_digit": None},
    seed=3,
    metrics={"test_accuracy": 0.5},
    training_data_sha256="0" * 64,
    created="2026-01-01",
    libraries={"numpy": "2"},
    history=(),
)


def pretrained(classifier: Classifier, **card: Any) -> Pretrained:
    """Return a classifier with a card, some of its fields changed."""
    changed = dataclasses.replace(CARD, labels=classifier.labels, **card)
    return Pretrained(classifier, changed, "a" * 64, np.zeros(0))


def untrained(
    name: str = "notebook-dnn", labels: tuple[int, ...] = CARD.labels, **card: Any
) -> Pretrained:
    """Return a model with its initial weights."""
    classifier = build(name, labels=labels, rng=np.random.default_rng(5))
    return pretrained(classifier, architecture=name, **card)
