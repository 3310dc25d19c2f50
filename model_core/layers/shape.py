"""Reshaping layers."""

import math

from model_core.layers.base import Layer, require
from model_core.parameter import Array


class Flatten(Layer):
    """Flatten each example of a batch into one row, as torch.nn.Flatten.

    Shapes: ``x`` (N, ...) -> (N, product of the rest), the last axis varying fastest.
    """

    def __init__(self) -> None:
        super().__init__()
        self._shape: tuple[int, ...] | None = None

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return ``x`` as (N, features)."""
        if training:
            self._shape = x.shape
        if x.strides[-1] == x.itemsize:
            return x.reshape(len(x), math.prod(x.shape[1:]))
        # images last in memory, as convolutions return them: a view
        return x.transpose(*range(1, x.ndim), 0).reshape(math.prod(x.shape[1:]), len(x)).T

    def input_gradient(self, grad: Array) -> Array:
        """Return ``grad`` in the shape of the input."""
        return grad.reshape(require(self._shape, self))

    def __repr__(self) -> str:
        return "Flatten()"
