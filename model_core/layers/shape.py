"""Reshaping layers."""

import math
from functools import partial

import numpy as np

from model_core.layers.base import Layer, require
from model_core.layers.plan import Plan, Workspace
from model_core.parameter import Array


class Flatten(Layer):
    """Flatten each example of a batch into one row, as torch.nn.Flatten.

    Shapes: ``x`` (N, ...) -> (N, product of the rest), the last axis varying fastest.
    """

    def plan(self, x: Array, memory: Workspace) -> Plan:
        """Plan ``x`` as (N, features): a view where that is possible."""
        n, features = len(x), math.prod(x.shape[1:])
        if x.flags.c_contiguous:
            return Plan(x, x.reshape(n, features), ())
        # images last in memory, as convolutions return them: rows of several images are copied
        last = x.transpose(*range(1, x.ndim), 0)
        y = memory.empty(last.shape, x.dtype)
        return Plan(x, y.reshape(features, n).T, (partial(np.copyto, y, last),))

    def input_gradient(self, grad: Array) -> Array:
        """Return ``grad`` in the shape of the input."""
        shape = require(self._plan, self).x.shape
        if grad.flags.c_contiguous:
            return grad.reshape(shape)
        return grad.T.reshape(*shape[1:], shape[0]).transpose(-1, *range(len(shape) - 1))
