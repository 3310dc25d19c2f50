"""Predictions for normalised pictures, with the trust in each, as in the service."""

from collections.abc import Sequence

import numpy as np

from model_core.classifier import Classifier, Prediction
from model_core.preprocessing import NormalisedImage, downsample


def predict(images: Sequence[NormalisedImage], classifier: Classifier) -> list[Prediction]:
    """Return a prediction for each normalised picture."""
    pixels = downsample(np.stack([image.pixels for image in images]))
    return classifier.predict(pixels, [image.trust for image in images])
