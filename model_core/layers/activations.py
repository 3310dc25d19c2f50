"""Activation functions: element-wise layers without parameters."""

import numpy as np

from model_core.layers.base import Layer, require
from model_core.parameter import Array

# A scalar array: a small operation takes half as long with it as with the Python number 0.
_ZERO = np.zeros((), np.float32)


class Identity(Layer):
    """Identity function: returns its input unchanged.

    Shapes: any, in and out alike.
    """

    def forward(self, x: Array, *, training: bool = False) -> Array:  # noqa: ARG002
        """Return ``x``."""
        return x

    def input_gradient(self, grad: Array) -> Array:
        """Return ``grad``."""
        return grad

    def __repr__(self) -> str:
        return "Identity()"


class ReLU(Layer):
    """Rectified linear unit, ``max(x, 0)``, with derivative 0 at 0.

    Shapes: any, in and out alike.
    """

    def __init__(self) -> None:
        super().__init__()
        self._output: Array | None = None

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return ``max(x, 0)``."""
        y = np.maximum(x, _ZERO)
        if training:
            self._output = y
        return y

    def input_gradient(self, grad: Array) -> Array:
        """Return ``grad`` where the output is positive, else 0."""
        y = require(self._output, self)
        gradient: Array = (y > _ZERO).astype(grad.dtype)
        gradient *= grad
        return gradient

    def __repr__(self) -> str:
        return "ReLU()"


class Tanh(Layer):
    """Hyperbolic tangent.

    Shapes: any, in and out alike.
    """

    def __init__(self) -> None:
        super().__init__()
        self._output: Array | None = None

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return ``tanh(x)``."""
        y = np.tanh(x)
        if training:
            self._output = y
        return y

    def input_gradient(self, grad: Array) -> Array:
        """Return ``grad * (1 - tanh(x)**2)``."""
        y = require(self._output, self)
        return grad * (1 - y * y)

    def __repr__(self) -> str:
        return "Tanh()"
