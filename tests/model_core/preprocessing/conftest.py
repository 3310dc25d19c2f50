"""Fixtures for the tests of preprocessing."""

import pytest

from model_core.classifier import Classifier
from model_core.weights import load_weights, pretrained_dir


@pytest.fixture(scope="module")
def cnn() -> Classifier:
    """Return the shipped cnn."""
    return load_weights(pretrained_dir() / "cnn.safetensors").classifier
