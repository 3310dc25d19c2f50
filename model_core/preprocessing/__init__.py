"""Preprocessing: from pixels of any size to the network's input, the same in training and service.

``normalise`` (or ``letterbox``) brings a picture to MNIST's format, 28x28 light ink on black;
``downsample`` brings that to the 14x14 that the networks see; ``describe`` puts steps into words.
"""

from model_core.preprocessing.downsample import downsample
from model_core.preprocessing.letterbox import letterbox
from model_core.preprocessing.mnist_format import NormalisedImage
from model_core.preprocessing.normalise import normalise, normalise_together
from model_core.preprocessing.steps import Step, describe

__all__ = [
    "PREPROCESSING_VERSION",
    "NormalisedImage",
    "Step",
    "describe",
    "downsample",
    "letterbox",
    "normalise",
    "normalise_together",
]

# Part of every weights file: weights trained behind another version would see other pictures.
PREPROCESSING_VERSION = "2"
