"""What every layer can do."""

from abc import ABC, abstractmethod
from typing import TypeVar

from model_core.errors import BackwardError, ShapeError
from model_core.parameter import Array, Parameter

T = TypeVar("T")


class Layer(ABC):
    """One step of a network, forwards and backwards, on batches (N, ...).

    ``forward(x)`` writes nothing, so any number of threads can share a layer;
    ``forward(x, training=True)`` keeps what the next ``backward`` needs.
    """

    @abstractmethod
    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return the layer's output for the batch ``x``."""

    @abstractmethod
    def input_gradient(self, grad: Array) -> Array:
        """Return dloss/dinput for ``grad`` = dloss/doutput of the last training forward."""

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


def check_shape(what: str, x: Array, expected: tuple[int | None, ...]) -> None:
    """Raise ShapeError unless ``x`` has the expected shape; None stands for any length."""
    fits = x.ndim == len(expected) and all(
        want is None or got == want for got, want in zip(x.shape, expected, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if n is None else str(n) for n in expected)
        raise ShapeError(f"{what}: expected shape ({wanted}), got {x.shape}")


def require(saved: T | None, layer: Layer) -> T:
    """Return what forward(training=True) has saved; raise BackwardError if it saved nothing."""
    if saved is None:
        name = type(layer).__name__
        raise BackwardError(f"{name}.backward: expected forward(training=True) first, got none")
    return saved
