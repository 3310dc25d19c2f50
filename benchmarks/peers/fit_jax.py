"""The notebook's recipe in JAX: an epoch is one compiled `lax.scan`."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.peers.mnist import LEARNING_RATE, arguments, training_images

options = arguments()
arrays = training_images(options.data)
images, classes = (jnp.asarray(array) for array in arrays)


def initial(rng: np.random.Generator) -> list[Any]:
    """Return initial weights: of the convolution, if any, then of the two dense layers."""
    shapes = [(196 if options.model == "dnn" else 576, 16), (16, 5)]
    weights = [rng.standard_normal(shape) * (2 / shape[0]) ** 0.5 for shape in shapes]
    kernels = [rng.standard_normal((16, 1, 3, 3)) * (2 / 9) ** 0.5, np.zeros((16, 1, 1))]
    dense = [weights[0], np.zeros(16), weights[1], np.zeros(5)]
    values = dense if options.model == "dnn" else kernels + dense
    return [jnp.asarray(value, jnp.float32) for value in values]


def loss(weights: list[Any], image: Any, truth: Any) -> Any:
    """Return the cross-entropy of one image."""
    x = image[None]
    if options.model == "cnn":
        x = lax.conv_general_dilated(x, weights[0], (1, 1), "VALID") + weights[1]
        x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
        weights = weights[2:]
    hidden = jax.nn.relu(x.reshape(1, -1) @ weights[0] + weights[1])
    return -jax.nn.log_softmax(hidden @ weights[2] + weights[3])[0, truth]


def train_epoch(weights: Any, order: Any) -> Any:
    """Return the weights after one pass over all images in a given order."""

    def step(weights: Any, index: Any) -> tuple[Any, None]:
        gradients = jax.grad(loss)(weights, images[index], classes[index])
        return jax.tree.map(lambda w, g: w - LEARNING_RATE * g, weights, gradients), None

    return lax.scan(step, weights, order)[0]


epoch = jax.jit(train_epoch)
generator = np.random.default_rng(0)
trained = initial(generator)
for _ in range(options.epochs):
    trained = epoch(trained, generator.permutation(len(images)))
np.savez(options.out, *(np.asarray(value) for value in trained))
