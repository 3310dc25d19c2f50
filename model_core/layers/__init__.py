"""Neural network layers; names and arguments are PyTorch's."""

from model_core.layers.activations import Identity, ReLU, Tanh
from model_core.layers.base import Layer
from model_core.layers.conv import Conv2d
from model_core.layers.dropout import Dropout
from model_core.layers.linear import Linear
from model_core.layers.pool import MaxPool2d
from model_core.layers.shape import Flatten

__all__ = [
    "Conv2d",
    "Dropout",
    "Flatten",
    "Identity",
    "Layer",
    "Linear",
    "MaxPool2d",
    "ReLU",
    "Tanh",
]
