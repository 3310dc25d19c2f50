"""From pixels of any size to the network's input: the one path that training and serving share.

``normalise`` (or ``resize``) brings a picture to MNIST's form, 28x28 light ink on black;
``downsample`` brings MNIST's form to the 14x14 that the networks see.
"""

from model_core.preprocessing.downsample import downsample
from model_core.preprocessing.letterbox import resize
from model_core.preprocessing.mnist_format import Normalised
from model_core.preprocessing.normalise import normalise

__all__ = ["PREPROCESSING_VERSION", "Normalised", "downsample", "normalise", "resize"]

# Part of every weights file: weights trained behind another version would see other pictures.
PREPROCESSING_VERSION = "1"
