"""Sequential network: a chain of layers."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from model_core.layers import Layer, MaxPool2d, ReLU
from model_core.layers.conv_pool import ConvMaxPool2d
from model_core.layers.inference_plans import InferencePlans
from model_core.layers.plan import Plan, aligned_empty
from model_core.parameter import Array, Parameter

# Images in one inference pass: with more, the convolution's columns leave the processor's cache.
BLOCK = 32
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
        count = sum(p.value.size for p in parameters)
        # products take up to a third less time with weights that begin a cache line
        self.values = aligned_empty((count,), np.dtype(np.float32))
        self.gradients = np.zeros(self.values.shape, self.values.dtype)
        ends = np.cumsum([p.value.size for p in parameters], dtype=np.intp)
        values, gradients = np.split(self.values, ends), np.split(self.gradients, ends)
        for parameter, value, grad in zip(parameters, values, gradients, strict=False):
            parameter.move(value, grad)
        steps = _swap_pooling(layers)
        # in training only the first convolution gains by it: its input gradient is not needed
        self._steps = [*_fuse(steps[:2]), *steps[2:]]
        self._forwards = [step.forward for step in self._steps]
        self._plans = InferencePlans(_fuse(steps), BLOCK)
        self._forwards_prepared = [self._steps[0].forward_prepared, *self._forwards[1:]]
        self._backwards = _way_back(self._steps)

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return the output of the last layer; writes nothing unless ``training``.

        Inference uses memory of the calling thread, so that threads can share a network.
        """
        if training:
            for forward in self._forwards:
                x = forward(x, training=True)
            return x
        if len(x) <= BLOCK:
            return self._infer(x).copy()
        blocks = range(0, len(x), BLOCK)
        return np.concatenate([self._infer(x[i : i + BLOCK]).copy() for i in blocks])

    def _infer(self, x: Array) -> Array:
        """Return the output in memory of this thread, valid until its next call."""
        plan = self.plan(x.shape, x.dtype)
        np.copyto(plan.x, x)
        return plan.run()

    def plan(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Plan:
        """Return the execution plan of this thread for inputs of a shape of at most BLOCK images.

        Raises: ShapeError if a layer has no output for it.
        """
        return self._plans.find(shape, dtype)

    def freeze(self) -> None:
        """Make the parameters read-only: inference then lays them out once, not in each pass."""
        for values in (self.values, *(p.value for _, p in self.named_parameters())):
            values.flags.writeable = False

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


def _swap_pooling(layers: Sequence[Layer]) -> list[Layer]:
    """Return the layers with each ReLU before max-pooling behind it, with a quarter of the values.

    ReLU and maximum commute.
    """
    steps = list(layers)
    for i, pair in enumerate(pairwise(layers)):
        if isinstance(pair[0], ReLU) and isinstance(pair[1], MaxPool2d):
            steps[i], steps[i + 1] = steps[i + 1], steps[i]
    return steps


def _fuse(steps: list[Layer]) -> list[Layer]:
    """Layer fusion: return the steps with each convolution and its max-pooling in one."""
    if len(steps) < 2:
        return steps
    joined = ConvMaxPool2d.join(*steps[:2])
    return [joined, *_fuse(steps[2:])] if joined else [steps[0], *_fuse(steps[1:])]


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
