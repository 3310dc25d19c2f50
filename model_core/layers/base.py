"""Base class of all layers."""

from abc import ABC, abstractmethod
from typing import Any, TypeVar

import numpy as np

from model_core.errors import BackwardError, ShapeError
from model_core.layers.plan import Plan, Workspace, aligned_empty
from model_core.parameter import Array, Parameter

T = TypeVar("T")


class Layer(ABC):
    """Base class of a layer: forward and backward pass on batches (N, ...).

    ``forward(x)`` and ``plan`` write nothing, so any number of threads can share a layer;
    ``forward(x, training=True)`` saves the values that the next ``backward`` needs. The arrays that
    training returns are buffers, overwritten from the next ``backward`` on: copy them to keep them.
    """

    def __init__(self) -> None:
        self._arrays: dict[str, Array] = {}
        self._plan: Plan | None = None
        self._workspace = Workspace()

    @abstractmethod
    def plan(self, x: Array, memory: Workspace) -> Plan:
        """Plan the forward pass of batches that will be written into ``x``.

        Raises: ShapeError if the layer has no output for the shape of ``x``.
        """

    def plan_inference(self, x: Array, memory: Workspace) -> Plan:
        """Plan a forward pass without a backward pass; the same as ``plan`` for most layers.

        Raises: as ``plan``.
        """
        return self.plan(x, memory)

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return the layer's output for the batch ``x``."""
        if not training:
            return self.plan_inference(x, Workspace()).run()
        if self._plan is None or self._plan.x is not x:
            self._workspace.restart()
            self._plan = self.plan(x, self._workspace)
        return self._plan.run()

    @abstractmethod
    def input_gradient(self, grad: Array) -> Array:
        """Return dloss/dinput for ``grad`` = dloss/doutput of the last training forward."""

    def use_generator(self, rng: np.random.Generator) -> None:  # noqa: B027 - most draw nothing
        """Set the generator of the random numbers drawn by ``forward(training=True)``.

        The training run calls it before each block of batches; only random layers override it.
        """

    def prepare(self, batches: Array) -> Array:
        """Do the part of the forward pass that needs no parameter, for several batches at once.

        Shapes: ``batches`` (B, N, ...) -> (B, ...), one input of ``forward_prepared`` per batch.
        """
        return batches

    def forward_prepared(self, x: Array, *, training: bool = False) -> Array:
        """Finish the forward pass of a batch from ``prepare``.

        Only ``parameter_gradients`` may follow, not ``input_gradient``.
        """
        own = self._array("x", x.shape, x.dtype)  # the same array in every step: one plan for all
        np.copyto(own, x)
        return self.forward(own, training=training)

    def parameter_gradients(self, grad: Array) -> None:  # noqa: B027 - most layers have none
        """Overwrite the gradient of each parameter for ``grad`` = dloss/doutput."""

    def backward(self, grad: Array) -> Array:
        """Overwrite the parameters' gradients and return dloss/dinput.

        Shapes: ``grad`` has the shape of the output, the result that of the input.
        Raises: BackwardError if no forward(training=True) came before.
        """
        self.parameter_gradients(grad)
        return self.input_gradient(grad)

    def parameters(self) -> dict[str, Parameter]:
        """Return the trainable parameters under their attribute names."""
        return {name: p for name, p in vars(self).items() if isinstance(p, Parameter)}

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def _array(self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
        """Return an uninitialised buffer, the same one in every training step.

        A buffer of the step before is still in the cache; new memory has to be mapped first.
        """
        array = self._arrays.get(name)
        if array is None or array.shape != shape or array.dtype != dtype:
            array = self._arrays[name] = aligned_empty(shape, dtype)
        return array


def check_shape(what: str, x: Array, expected: tuple[int | None, ...]) -> None:
    """Raise ShapeError unless ``x`` has the expected shape; None stands for any length."""
    shape = x.shape
    if len(shape) == len(expected) and all(map(_fits, shape, expected)):
        return
    wanted = ", ".join("any" if n is None else str(n) for n in expected)
    raise ShapeError(f"{what}: expected shape ({wanted}), got {shape}")


def _fits(got: int, want: int | None) -> bool:
    return want is None or got == want


def require(saved: T | None, layer: Layer) -> T:
    """Return a value saved by forward(training=True); raise BackwardError if there is none."""
    if saved is None:
        name = type(layer).__name__
        raise BackwardError(f"{name}.backward: expected forward(training=True) first, got none")
    return saved
