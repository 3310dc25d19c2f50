"""Fully connected layer."""

from functools import partial

import numpy as np

from model_core.initializers import he_normal
from model_core.layers.base import Layer, check_shape, require
from model_core.layers.plan import Operation, Plan, Workspace
from model_core.parameter import Array, Parameter, ones

# Multiply-adds up to which OpenBLAS multiplies matrices where they lie, without copying them into
# its own order first: several small products take less time than a large one.
SMALL_PRODUCT = 1_000_000


class Linear(Layer):
    """Fully connected layer, ``y = x @ weight + bias``.

    Shapes: ``x`` (N, in_features) -> ``y`` (N, out_features), both float32;
    ``weight`` (in_features, out_features), ``bias`` (out_features,).
    Units: after the last Linear of a network, ``y`` is logits, not probabilities.
    Raises: ShapeError for any other shape of ``x``.

    ``a.dot(b, out)`` is ``out = a @ b``, in a third of the time for a batch of one.
    """

    def __init__(self, in_features: int, out_features: int, *, rng: np.random.Generator) -> None:
        super().__init__()
        shape = (in_features, out_features)
        self.weight = Parameter(he_normal(shape, fan_in=in_features, rng=rng))
        self.bias = Parameter(np.zeros(out_features, np.float32))

    def plan(self, x: Array, memory: Workspace) -> Plan:
        """Plan ``y = x @ weight + bias``."""
        weight = self.weight.value
        check_shape("Linear input", x, (None, len(weight)))
        y = memory.empty((len(x), weight.shape[1]), weight.dtype)
        bias = self.bias.value[None]  # for a batch of one the shapes are equal: no broadcasting
        return Plan(x, y, [*_products(x, weight, y), partial(np.add, y, bias, y)])

    def parameter_gradients(self, grad: Array) -> None:
        """Overwrite the gradients of weight and bias."""
        require(self._plan, self).x.T.dot(grad, self.weight.grad)
        ones(len(grad), grad.dtype).dot(grad, self.bias.grad)

    def input_gradient(self, grad: Array) -> Array:
        """Return ``grad @ weight.T``, in the memory order of the input."""
        x, weight = require(self._plan, self).x, self.weight.value
        gradient: Array = grad.dot(weight.T) if x.flags.c_contiguous else weight.dot(grad.T).T
        return gradient

    def __repr__(self) -> str:
        return "Linear({}, {})".format(*self.weight.value.shape)


def _products(x: Array, weight: Array, y: Array) -> list[Operation]:
    """Return the operations of ``y = x @ weight``, for parts of the batch if it is large."""
    parts = -(-len(x) * weight.size // SMALL_PRODUCT)
    if parts < 2:
        return [partial(x.dot, weight, y)]
    pairs = zip(np.array_split(x, parts), np.array_split(y, parts), strict=True)
    # ``dot`` would copy a part of an array whose examples are its last axis in memory
    return [partial(np.matmul, part, weight, out) for part, out in pairs]
