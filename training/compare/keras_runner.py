"""Training runner for Keras: `compile` and `fit`."""

import os
from typing import Any

import numpy as np

from model_core.layers import Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU
from model_core.parameter import Array
from training.compare.backends import keras_backend
from training.compare.workload import Task

os.environ["KERAS_BACKEND"] = keras_backend() or ""  # keras reads it when it is imported
import keras

# As in digitserve; on JAX and PyTorch not slower than Keras' default, channels last.
ORDER = "channels_first"


class KerasRunner:
    """Keras runner: a `keras.Sequential` trained by `fit`."""

    def __init__(self, task: Task) -> None:
        network, recipe = task.classifier().network, task.recipe
        self._dataset, self._size = task.dataset, recipe.batch_size
        shape = (1, *task.dataset.images.shape[1:])
        self._network = keras.Sequential([keras.Input(shape), *map(_twin, network.layers)])
        self._network.set_weights([_theirs(p.value) for _, p in network.named_parameters()])
        self._network.compile(
            optimizer=keras.optimizers.SGD(recipe.learning_rate),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )

    def settle(self) -> str:
        """Return the backend."""
        return f"fit, on {keras.backend.backend()}"

    def train_epoch(self, rng: np.random.Generator) -> None:
        """Train on every image once, in the random order drawn from ``rng``."""
        order = rng.permutation(len(self._dataset))
        images, classes = self._dataset.images[order, None], self._dataset.classes[order]
        self._network.fit(images, classes, batch_size=self._size, shuffle=False, verbose=0)

    def logits(self, images: Array) -> Array:
        """Return the output (N, classes) for images (N, 14, 14)."""
        output: Array = self._network.predict(images[:, None], batch_size=len(images), verbose=0)
        return output

    def weights(self) -> list[Array]:
        """Return the weights, a convolution's as (out, in, height, width) like digitserve's."""
        values = self._network.get_weights()
        return [value.transpose(3, 2, 0, 1) if value.ndim == 4 else value for value in values]


def _twin(layer: Layer) -> Any:
    """Return the equivalent Keras layer."""
    match layer:
        case Linear():
            return keras.layers.Dense(layer.weight.value.shape[1])
        case Conv2d(padding=0):
            outputs, _, kernel, _ = layer.weight.value.shape
            return keras.layers.Conv2D(outputs, kernel, layer.stride, data_format=ORDER)
        case MaxPool2d():
            return keras.layers.MaxPooling2D(layer.kernel_size, data_format=ORDER)
    return {Flatten: keras.layers.Flatten, ReLU: keras.layers.ReLU}[type(layer)]()


def _theirs(value: Array) -> Array:
    """Return weights in Keras' layout, a convolution's as (height, width, in, out)."""
    return value.transpose(2, 3, 1, 0) if value.ndim == 4 else value
