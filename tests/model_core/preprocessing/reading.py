"""Drawn pictures of a two, and how they are read."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model_core.classifier import Classifier, Prediction
from model_core.preprocessing import NormalisedImage, downsample, normalise
from model_core.preprocessing.image_ops.types import Grey8
from tests.support.pictures import two

pictures = st.tuples(st.integers(1, 60), st.integers(1, 60)).flatmap(
    lambda shape: arrays(np.uint8, shape)
)


def answer(cnn: Classifier, pixels: Grey8) -> Prediction:
    """Return the answer for a grey picture."""
    return predict(cnn, normalise(pixels))


def predict(cnn: Classifier, image: NormalisedImage) -> Prediction:
    """Return the prediction for a normalised picture, with the trust in it."""
    return cnn.predict(downsample(image.pixels[None]), [image.trust])[0]


def paper(size: int = 112) -> Grey8:
    """Return a two, dark on light, in the middle of the picture."""
    return 255 - np.asarray(two(size))


def is_two(prediction: Prediction) -> bool:
    """Tell whether the answer is a two, without doubt."""
    return (prediction.digit, prediction.decision) == (2, "accept") and prediction.confidence > 0.9


def squared(picture: Grey8) -> Grey8:
    """Return a picture on squared paper, whose lines run through the digit."""
    lines = np.full_like(picture, 255)
    lines[9::18] = lines[:, 5::18] = 165
    return np.minimum(picture, lines)
