"""The training loop."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from model_core.classifier import Classifier
from model_core.losses import SoftmaxCrossEntropy
from model_core.network import Sequential
from training.dataset import Dataset
from training.optimizers import SGD, AdamW, Optimizer
from training.recipes import Recipe
from training.schedules import SCHEDULES

# Images between two reports to the progress bar: often enough for the eye, too rare to cost time.
REPORT_EVERY = 512


@dataclass(frozen=True, slots=True)
class EpochState:
    """How far an epoch is; ``loss`` and ``accuracy`` are means over its images so far."""

    epoch: int
    images: int
    loss: float
    accuracy: float


class Progress(Protocol):
    """Whoever wants to know how training goes."""

    def update(self, state: EpochState) -> None:
        """Take notice of the state of the running epoch."""
        ...


def train(
    classifier: Classifier,
    dataset: Dataset,
    recipe: Recipe,
    *,
    rng: np.random.Generator,
    progress: Progress,
) -> None:
    """Train a classifier in place, as the recipe says.

    ``rng`` draws the order of the images, anew for every epoch.
    """
    optimizer = _optimizer(recipe, classifier.network)
    for epoch in range(recipe.epochs):
        order = rng.permutation(len(dataset))
        shuffled = Dataset(dataset.images[order], dataset.classes[order])
        _train_epoch(classifier.network, shuffled, recipe, optimizer, epoch, progress)


def _train_epoch(
    network: Sequential,
    dataset: Dataset,
    recipe: Recipe,
    optimizer: Optimizer,
    epoch: int,
    progress: Progress,
) -> None:
    criterion = SoftmaxCrossEntropy()
    schedule = SCHEDULES[recipe.schedule]
    images, classes, size = dataset.images[:, None], dataset.classes, recipe.batch_size
    total_loss, correct, reported = 0.0, 0, 0
    outputs = []
    for start in range(0, len(images), size):
        stop = min(start + size, len(images))
        logits = network.forward(images[start:stop], training=True)
        loss, grad = criterion.value_and_gradient(logits, classes[start:stop])
        network.parameter_gradients(grad)
        done = (epoch + start / len(images)) / recipe.epochs
        optimizer.step(recipe.learning_rate * schedule(done))
        total_loss += loss * (stop - start)
        outputs.append(logits)
        if stop - reported >= REPORT_EVERY or stop == len(images):
            digits = np.concatenate(outputs).argmax(axis=1)
            correct += int(np.count_nonzero(digits == classes[reported:stop]))
            progress.update(EpochState(epoch, stop, total_loss / stop, correct / stop))
            outputs, reported = [], stop


def _optimizer(recipe: Recipe, network: Sequential) -> Optimizer:
    parameters = [parameter for _, parameter in network.named_parameters()]
    if recipe.optimizer == "sgd":
        return SGD(parameters)
    return AdamW(parameters, weight_decay=recipe.weight_decay)
