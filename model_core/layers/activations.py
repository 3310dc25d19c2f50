"""Activation functions: element-wise layers without parameters."""

from functools import partial

import numpy as np

from model_core.layers.base import Layer, require
from model_core.layers.plan import Plan, Workspace, memory_order
from model_core.parameter import Array, zeros

# A scalar array: a small operation takes half as long with it as with the Python number 0.
_ZERO = np.zeros((), np.float32)


class Identity(Layer):
    """Identity function: returns its input unchanged.

    Shapes: any, in and out alike.
    """

    def plan(self, x: Array, memory: Workspace) -> Plan:  # noqa: ARG002
        """Plan ``y = x``: nothing to do."""
        return Plan(x, x, ())

    def input_gradient(self, grad: Array) -> Array:
        """Return ``grad``."""
        return grad


class ReLU(Layer):
    """Rectified linear unit, ``max(x, 0)``, with derivative 0 at 0.

    Shapes: any, in and out alike.
    """

    def plan(self, x: Array, memory: Workspace) -> Plan:
        """Plan ``y = max(x, 0)``."""
        y = memory.empty_like(x)
        values, out, zero = x.transpose(memory_order(x)), y.transpose(memory_order(y)), _ZERO
        if values.flags.c_contiguous:
            # two arrays are compared in a quarter of the time of an array and a number
            values, out, zero = values.reshape(-1), out.reshape(-1), zeros(x.size, x.dtype)
        return Plan(x, y, (partial(np.maximum, values, zero, out=out),))

    def input_gradient(self, grad: Array) -> Array:
        """Return ``grad`` where the output is positive, else 0."""
        y = require(self._plan, self).y
        gradient: Array = (y > _ZERO).astype(grad.dtype)
        gradient *= grad
        return gradient


class Tanh(Layer):
    """Hyperbolic tangent.

    Shapes: any, in and out alike.
    """

    def plan(self, x: Array, memory: Workspace) -> Plan:
        """Plan ``y = tanh(x)``."""
        y = memory.empty_like(x)
        return Plan(x, y, (partial(np.tanh, x, y),))

    def input_gradient(self, grad: Array) -> Array:
        """Return ``grad * (1 - tanh(x)**2)``."""
        y = require(self._plan, self).y
        return grad * (1 - y * y)
