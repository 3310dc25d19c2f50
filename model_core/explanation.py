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
    each = np.eye(image.size, dtype=bool).reshape(-1, *image.shape)
    occluded = np.where(each, np.float32(0), image)  # a copy for each pixel, with that one black
    probabilities = classifier.probabilities(np.concatenate([image[None], occluded]))
    digit = int(probabilities[0].argmax())
    others = np.delete(probabilities, digit, axis=1).sum(axis=1)
    # log(p / (1 - p)), exact even where p rounds to 1
    odds: Array = np.log(probabilities[:, digit]) - np.log(others)
    return np.where(image > 0, (odds[0] - odds[1:]).reshape(image.shape), 0).astype(np.float32)
