"""What every layer can do."""

from abc import ABC, abstractmethod
from typing import Any, TypeVar

import numpy as np

from model_core.errors import BackwardError, ShapeError
from model_core.parameter import Array, Parameter

T = TypeVar("T")


class Layer(ABC):
    """One step of a network, forwards and backwards, on batches (N, ...).

    ``forward(x)`` writes nothing, so any number of threads can share a layer;
    ``forward(x, training=True)`` keeps what the next ``backward`` needs. What training returns is
    the layer's own memory, used again from the next ``backward`` on: copy it to keep it.
    """

    def __init__(self) -> None:
        self._arrays: dict[str, Array] = {}

    @abstractmethod
    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return the layer's output for the batch ``x``."""

    @abstractmethod
    def input_gradient(self, grad: Array) -> Array:
        """Return dloss/dinput for ``grad`` = dloss/doutput of the last training forward."""

    def prepare(self, batches: Array) -> Array:
        """Return, for each batch, what the layer makes of it before it needs a parameter.

        Shapes: ``batches`` (B, N, ...) -> (B, ...), what ``forward_prepared`` takes B times.
        """
        return batches

    def forward_prepared(self, x: Array, *, training: bool = False) -> Array:
        """Return what ``forward`` returns, for a batch that ``prepare`` has seen.

        The parameters' gradients may follow, not that of the input.
        """
        return self.forward(x, training=training)

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

    def _array(
        self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any], *, training: bool = True
    ) -> Array:
        """Return an uninitialised array: in training the same one in every step, else a new one.

        Memory that was used a step ago is still in the cache; new memory is not even mapped.
        """
        if not training:
            return np.empty(shape, dtype)
        array = self._arrays.get(name)
        if array is None or array.shape != shape or array.dtype != dtype:
            array = self._arrays[name] = np.empty(shape, dtype)
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
    """Return what forward(training=True) has saved; raise BackwardError if it saved nothing."""
    if saved is None:
        name = type(layer).__name__
        raise BackwardError(f"{name}.backward: expected forward(training=True) first, got none")
    return saved
