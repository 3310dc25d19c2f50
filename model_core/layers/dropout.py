"""Dropout regularisation."""

import numpy as np

from model_core.errors import GeneratorError
from model_core.layers.base import Layer, require
from model_core.layers.plan import Plan, Workspace
from model_core.parameter import Array


class Dropout(Layer):
    """Inverted dropout, as torch.nn.Dropout: in training each value is 0 with probability ``p``.

    The other values are divided by ``1 - p``, so that the expected output is the input; inference
    is the identity.
    Shapes: any, in and out alike.
    Raises: ValueError unless 0 <= p < 1; GeneratorError if no ``use_generator`` came before
    training.
    Source: Srivastava et al. 2014, "Dropout", section 10, for the scaling in training.
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"p: expected 0 to below 1, got {p}")
        self.p = p
        self._rng: np.random.Generator | None = None
        self._mask: Array | None = None

    def use_generator(self, rng: np.random.Generator) -> None:
        """Set the generator that the next masks are drawn from."""
        self._rng = rng

    def plan(self, x: Array, memory: Workspace) -> Plan:  # noqa: ARG002
        """Plan inference: nothing to do."""
        return Plan(x, x, ())

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return ``x``; in training ``x`` times a new random mask of 0 and ``1 / (1 - p)``."""
        if not training:
            return super().forward(x)
        if self._rng is None:
            raise GeneratorError("Dropout.forward: expected use_generator(rng) first, got none")
        kept = self._rng.random(x.shape, np.float32) >= self.p
        self._mask = kept.astype(x.dtype)
        self._mask /= 1 - self.p
        return x * self._mask

    def input_gradient(self, grad: Array) -> Array:
        """Return ``grad`` times the mask of the last training forward pass."""
        return grad * require(self._mask, self)

    def __repr__(self) -> str:
        return f"Dropout({self.p})"
