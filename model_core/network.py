"""Sequential network: a chain of layers."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from model_core.layers import Layer, ReLU
from model_core.layers.conv_pool import ConvMaxPool2d
from model_core.parameter import Array, Parameter

# Examples prepared at once: the result for more does not fit into the processor's cache.
PREPARED = 64


class Sequential:
    """Sequential network: the output of each layer is the input of the next.

    Shapes: ``forward`` has the input shape of the first layer and the output shape of the last;
    ``values`` and ``gradients`` (parameter_count,) float32 hold all parameters in one contiguous
    vector, so that an optimizer updates all of them in one operation.
    """

    def __init__(self, *layers: Layer) -> None:
        self.layers = layers
        parameters = [parameter for _, parameter in self.named_parameters()]
        self.values = _join([parameter.value for parameter in parameters])
        self.gradients = np.zeros_like(self.values)
        start = 0
        for parameter in parameters:
            stop = start + parameter.value.size
            parameter.value = self.values[start:stop].reshape(parameter.value.shape)
            parameter.grad = self.gradients[start:stop].reshape(parameter.value.shape)
            start = stop
        self._steps = _fuse(layers)
        self._forwards = [step.forward for step in self._steps]
        self._forwards_prepared = [self._steps[0].forward_prepared, *self._forwards[1:]]
        self._backwards = _way_back(self._steps)

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return the output of the last layer; writes nothing unless ``training``."""
        for forward in self._forwards:
            x = forward(x, training=training)
        return x

    def prepare(self, x: Array, size: int) -> Iterator[Array]:
        """Yield prepared batches for ``forward_prepared``; each is valid until the next.

        Shapes: ``x`` (any number, ...); batches of ``size``, the last one may be smaller.
        The first layer's work that needs no parameter is done for many batches at once.
        """
        whole = len(x) - len(x) % size
        at_once = size * max(1, PREPARED // size)
        for start in range(0, whole, at_once):
            part = x[start : min(start + at_once, whole)]
            yield from self._steps[0].prepare(part.reshape(-1, size, *x.shape[1:]))
        if whole < len(x):
            yield from self._steps[0].prepare(x[None, whole:])

    def forward_prepared(self, x: Array) -> Array:
        """Training forward pass of a prepared batch; only ``parameter_gradients`` may follow."""
        for forward in self._forwards_prepared:
            x = forward(x, training=True)
        return x

    def use_generator(self, rng: np.random.Generator) -> None:
        """Set the generator of all random layers; each layer draws from it in training."""
        for layer in self.layers:
            layer.use_generator(rng)

    def backward(self, grad: Array) -> Array:
        """Overwrite every parameter's gradient and return dloss/dinput.

        Shapes: ``grad`` that of the output, the result that of the input.
        Raises: BackwardError if no forward(training=True) came before.
        """
        for step in reversed(self._steps):
            grad = step.backward(grad)
        return grad

    def parameter_gradients(self, grad: Array) -> None:
        """Overwrite every parameter's gradient without computing dloss/dinput.

        Shapes and errors: as ``backward``.
        """
        for backward in self._backwards:
            grad = backward(grad)

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Yield every parameter under a name like ``layers.0.weight``."""
        for number, layer in enumerate(self.layers):
            for name, parameter in layer.parameters().items():
                yield f"layers.{number}.{name}", parameter

    def parameter_count(self) -> int:
        """Return the number of trainable values."""
        return self.values.size

    def __repr__(self) -> str:
        return "Sequential({})".format(", ".join(map(repr, self.layers)))


def _join(arrays: list[Array]) -> Array:
    return np.concatenate([array.ravel() for array in arrays] or [np.zeros(0, np.float32)])


def _fuse(layers: Sequence[Layer]) -> list[Layer]:
    """Layer fusion: return equivalent steps with convolution and max-pooling in one.

    A ReLU between the two moves behind the pooling, where it has a quarter of the values to clip;
    ReLU and maximum commute.
    """
    steps: list[Layer] = []
    waiting = list(layers)
    while waiting:
        first, *rest = waiting
        relu = [rest.pop(0)] if rest and isinstance(rest[0], ReLU) else []
        if rest and (joined := ConvMaxPool2d.join(first, rest[0])):
            steps += [joined, *relu]
            waiting = rest[1:]
        else:
            steps.append(first)
            waiting = waiting[1:]
    return steps


def _way_back(steps: list[Layer]) -> list[Callable[[Array], Any]]:
    """Return the backward functions that parameter gradients need, from last step to first.

    The pass ends at the first step with parameters: its input gradient is not needed.
    """
    trained = [number for number, step in enumerate(steps) if step.parameters()]
    if not trained:
        return []
    first, *later = steps[trained[0] :]
    way = [step.backward if step.parameters() else step.input_gradient for step in reversed(later)]
    return [*way, first.parameter_gradients]
