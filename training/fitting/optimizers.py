"""Optimizers, in order of complexity.

Each works on two vectors that hold all parameters: values and gradients.
"""

from typing import Protocol

import numpy as np

from model_core.network import Sequential
from model_core.parameter import Array
from training.recipes import Recipe


class Optimizer(Protocol):
    """Interface of an optimizer; ``arrays`` are its state (momentum, moments), to be saved."""

    arrays: list[Array]

    def step(self, learning_rate: float) -> None:
        """Update every parameter once; the gradients are overwritten."""
        ...


class SGD:
    """Stochastic gradient descent with momentum, as torch.optim.SGD."""

    def __init__(self, network: Sequential, *, momentum: float, weight_decay: float) -> None:
        self._values, self._gradients = network.values, network.gradients
        self._momentum = momentum
        self._rate = np.zeros((), self._values.dtype)  # faster to multiply by than a float
        self._decay = weight_decay
        self._weights = _weights(network)
        self.arrays = [np.zeros_like(self._values)] if momentum else []

    def step(self, learning_rate: float) -> None:
        """Update every parameter once; the gradients are overwritten."""
        direction = self._gradients
        if self._decay:
            for value, gradient in self._weights:
                gradient += self._decay * value
        if self._momentum:
            direction = self.arrays[0]
            direction *= self._momentum
            direction += self._gradients
        self._rate[...] = learning_rate
        np.multiply(direction, self._rate, out=self._gradients)
        self._values -= self._gradients


class Adam:
    """Adam; with ``decoupled`` weight decay, AdamW.

    Biases do not decay.
    Units: ``weight_decay`` is per step, and per unit of learning rate if decoupled.
    Source: Kingma and Ba 2015, "Adam", algorithm 1; Loshchilov and Hutter 2019, "Decoupled Weight
    Decay Regularization", algorithm 2.
    """

    def __init__(
        self,
        network: Sequential,
        *,
        weight_decay: float,
        decoupled: bool,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
    ) -> None:
        self._values, self._gradients = network.values, network.gradients
        self._weights = _weights(network)
        self._decay = weight_decay
        self._decoupled = decoupled
        self._betas = betas
        self._epsilon = epsilon
        # first and second moments, and the number of steps as an array, to be saved with them
        self.arrays = [np.zeros_like(self._values) for _ in range(2)] + [np.zeros(1, np.float32)]
        self._scratch = np.zeros_like(self._values)

    def step(self, learning_rate: float) -> None:
        """Update every parameter once; the gradients are overwritten."""
        mean, square, steps = self.arrays
        steps += 1
        beta1, beta2 = self._betas
        rate = learning_rate / (1 - beta1 ** int(steps[0]))
        correction = (1 - beta2 ** int(steps[0])) ** -0.5
        self._shrink(learning_rate)
        gradient, scratch = self._gradients, self._scratch
        mean += np.multiply(np.subtract(gradient, mean, out=scratch), 1 - beta1, out=scratch)
        np.square(gradient, out=gradient)
        gradient -= square
        gradient *= 1 - beta2
        square += gradient
        root = np.sqrt(square, out=gradient)
        root *= correction
        root += self._epsilon
        self._values -= np.multiply(np.divide(mean, root, out=scratch), rate, out=scratch)

    def _shrink(self, learning_rate: float) -> None:
        if not self._decay:
            return
        for value, gradient in self._weights:
            if self._decoupled:
                value *= 1 - learning_rate * self._decay
            else:
                gradient += self._decay * value


def make_optimizer(recipe: Recipe, network: Sequential) -> Optimizer:
    """Return the optimizer of a recipe."""
    if recipe.optimizer == "sgd":
        return SGD(network, momentum=recipe.momentum, weight_decay=recipe.weight_decay)
    decoupled = recipe.optimizer == "adamw"
    return Adam(network, weight_decay=recipe.weight_decay, decoupled=decoupled)


def _weights(network: Sequential) -> list[tuple[Array, Array]]:
    """Return value and gradient of every parameter with weight decay: of weights, not biases."""
    parameters = [parameter for _, parameter in network.named_parameters()]
    return [(p.value, p.grad) for p in parameters if p.value.ndim > 1]
