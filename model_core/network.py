"""Layers one after the other."""

from collections.abc import Iterator

from model_core.layers import Layer
from model_core.parameter import Array, Parameter


class Sequential:
    """A chain of layers, each working on the output of the one before.

    Shapes: ``forward`` takes what the first layer takes and gives what the last one gives.
    """

    def __init__(self, *layers: Layer) -> None:
        self.layers = layers

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Return the output of the last layer; writes nothing unless ``training``."""
        for layer in self.layers:
            x = layer.forward(x, training=training)
        return x

    def backward(self, grad: Array) -> Array:
        """Overwrite every parameter's gradient and return dloss/dinput.

        Shapes: ``grad`` that of the output, the result that of the input.
        Raises: BackwardError if no forward(training=True) came before.
        """
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad

    def parameter_gradients(self, grad: Array) -> None:
        """Overwrite every parameter's gradient, without the work for dloss/dinput.

        Shapes and errors: as ``backward``.
        """
        first = next(i for i, layer in enumerate(self.layers) if layer.parameters())
        for layer in reversed(self.layers[first + 1 :]):
            grad = layer.backward(grad)
        self.layers[first].parameter_gradients(grad)

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Yield every parameter under a name like ``layers.0.weight``."""
        for number, layer in enumerate(self.layers):
            for name, parameter in layer.parameters().items():
                yield f"layers.{number}.{name}", parameter

    def parameter_count(self) -> int:
        """Return how many numbers are trained."""
        return sum(parameter.value.size for _, parameter in self.named_parameters())

    def __repr__(self) -> str:
        return "Sequential({})".format(", ".join(map(repr, self.layers)))
