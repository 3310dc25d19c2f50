"""Numerical gradients by central differences."""

from collections.abc import Callable

import numpy as np

from model_core.layers import Layer
from model_core.parameter import Array

STEP = 1e-5


def numeric_gradient(loss: Callable[[], float], x: Array) -> Array:
    """Return dloss/dx by central differences; ``x`` (any shape, float64) is restored afterwards."""
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + STEP
        above = loss()
        x[index] = kept - STEP
        below = loss()
        x[index] = kept
        gradient[index] = (above - below) / (2 * STEP)
    return gradient


def to_float64(layer: Layer) -> None:
    """Convert a layer's parameters to float64, precise enough for finite differences."""
    for parameter in layer.parameters().values():
        parameter.value = parameter.value.astype(np.float64)
        parameter.grad = parameter.grad.astype(np.float64)
