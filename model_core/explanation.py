"""Occlusion sensitivity: the influence of each pixel on a prediction."""

import numpy as np

from model_core.classifier import Classifier
from model_core.errors import ShapeError
from model_core.parameter import Array


def explain(classifier: Classifier, image: Array) -> Array:
    """Return the occlusion sensitivity map of an image for its likeliest digit.

    Shapes: ``image`` as ``classifier.input_shape``, float32 in 0..1; the result likewise.
    Units: nats of the digit's log-odds that are lost when the pixel turns black; positive where ink
    is evidence for the digit, negative where it is evidence against it, 0 where there is no ink.
    Raises: ShapeError for an image of another shape.
    Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks" (2014), with a
    square of one pixel: of 1, 3 and 5, the one that finds the pixels that matter most.
    """
    if image.shape != classifier.input_shape:
        raise ShapeError(f"image: expected shape {classifier.input_shape}, got {image.shape}")
    probabilities = classifier.probabilities(np.concatenate([image[None], _occlude(image)]))
    odds = _log_odds(probabilities, int(probabilities[0].argmax()))
    lost: Array = odds[:1] - odds[1:]
    return np.where(image > 0, lost.reshape(image.shape), 0).astype(np.float32)


def _occlude(image: Array) -> Array:
    """Return a copy of an image (H, W) per pixel, with that pixel black: (H * W, H, W) float32."""
    each = np.eye(image.size, dtype=bool).reshape(-1, *image.shape)
    return np.where(each, np.float32(0), image)


def _log_odds(probabilities: Array, digit: int) -> Array:
    """Return log(p / (1 - p)) of a digit (N,), exact even where p rounds to 1."""
    others: Array = np.delete(probabilities, digit, axis=1).sum(axis=1)
    odds: Array = np.log(probabilities[:, digit]) - np.log(others)
    return odds
