"""The fully connected layer."""

import numpy as np

from model_core.initializers import he_normal
from model_core.layers.base import Layer, check_shape, require
from model_core.parameter import Array, Parameter


class Linear(Layer):
    """Affine map ``y = x @ weight + bias``.

    Shapes: ``x`` (N, in_features) -> ``y`` (N, out_features), both float32;
    ``weight`` (in_features, out_features), ``bias`` (out_features,).
    Units: after the last Linear of a network, ``y`` is logits, not probabilities.
    Raises: ShapeError for any other shape of ``x``.
    """

    def __init__(self, in_features: int, out_features: int, *, rng: np.random.Generator) -> None:
        shape = (in_features, out_features)
        self.weight = Parameter(he_normal(shape, fan_in=in_features, rng=rng))
        self.bias = Parameter(np.zeros(out_features, np.float32))
        self._input: Array | None = None

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return ``x @ weight + bias``."""
        check_shape("Linear input", x, (None, len(self.weight.value)))
        if training:
            self._input = x
        y = x @ self.weight.value
        y += self.bias.value
        return y

    def parameter_gradients(self, grad: Array) -> None:
        """Overwrite the gradients of weight and bias."""
        np.matmul(require(self._input, self).T, grad, out=self.weight.grad)
        np.add.reduce(grad, axis=0, out=self.bias.grad)

    def input_gradient(self, grad: Array) -> Array:
        """Return ``grad @ weight.T``."""
        return grad @ self.weight.value.T

    def __repr__(self) -> str:
        return "Linear({}, {})".format(*self.weight.value.shape)
