"""How parameters follow their gradients, in order of complexity."""

from collections.abc import Iterable
from typing import Protocol

import numpy as np

from model_core.parameter import Parameter


class Optimizer(Protocol):
    """Changes the parameters that it was made with."""

    def step(self, learning_rate: float) -> None:
        """Move every parameter once, along its gradient."""
        ...


class SGD:
    """Stochastic gradient descent: ``value -= learning_rate * grad``."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        self._parameters = list(parameters)

    def step(self, learning_rate: float) -> None:
        """Move every parameter once; the gradients are used up."""
        for parameter in self._parameters:
            parameter.grad *= learning_rate
            parameter.value -= parameter.grad


class AdamW:
    """Adam with decoupled weight decay; biases and other vectors do not decay.

    Units: ``weight_decay`` is per unit of learning rate and step.
    Source: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2.
    """

    def __init__(
        self,
        parameters: Iterable[Parameter],
        *,
        weight_decay: float,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
    ) -> None:
        self._parameters = list(parameters)
        self._means = [np.zeros_like(p.value) for p in self._parameters]
        self._squares = [np.zeros_like(p.value) for p in self._parameters]
        self._weight_decay = weight_decay
        self._betas = betas
        self._epsilon = epsilon
        self._steps = 0

    def step(self, learning_rate: float) -> None:
        """Move every parameter once; the gradients are used up."""
        self._steps += 1
        beta1, beta2 = self._betas
        rate = learning_rate / (1 - beta1**self._steps)
        correction = (1 - beta2**self._steps) ** -0.5
        for parameter, mean, square in zip(
            self._parameters, self._means, self._squares, strict=True
        ):
            grad = parameter.grad
            mean += (1 - beta1) * (grad - mean)
            square += (1 - beta2) * (grad * grad - square)
            if parameter.value.ndim > 1:
                parameter.value *= 1 - learning_rate * self._weight_decay
            parameter.value -= rate * mean / (np.sqrt(square) * correction + self._epsilon)
