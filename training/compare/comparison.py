"""The comparison of frameworks from end to end."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from training.compare.machine import describe_machine
from training.compare.measure import ProgressCallback, Row, measure
from training.compare.systems import SYSTEMS, System
from training.compare.workload import PUBLISHED, WORKLOADS, Task, Workload
from training.data.dataset import Dataset, select
from training.data.mnist import Mnist
from training.errors import RecipeError
from training.recipes import DIGITS, get_recipe


@dataclass(frozen=True, slots=True)
class Comparison:
    """Result of a comparison: networks trained for ``epochs`` on ``train_images`` images."""

    rows: tuple[Row, ...]
    epochs: int
    train_images: int
    test_images: int
    machine: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return the result and the notebook's published figures as a JSON object."""
        published = [dataclasses.asdict(figure) for figure in PUBLISHED]
        return dataclasses.asdict(self) | {"published": published}


def notebook_images(mnist: Mnist) -> tuple[Dataset, Dataset]:
    """Return the notebook's training and test images: the first ones of each digit 0-4."""
    recipe = get_recipe("dnn", "notebook")
    kept = slice(0, recipe.test_per_digit)
    train = select(mnist.train_images, mnist.train_labels, digits=DIGITS, part=recipe.train_part)
    test = select(mnist.test_images, mnist.test_labels, digits=DIGITS, part=kept)
    return train.downsampled(), test.downsampled()


def epochs_of(repeat: int | None) -> int:
    """Return the number of epochs: ``repeat``, else the recipe's.

    Raises: RecipeError for less than one.
    """
    if repeat is not None and repeat < 1:
        raise RecipeError(f"repeat: expected at least 1, got {repeat}")
    return repeat or get_recipe("dnn", "notebook").epochs


def compare(
    train: Dataset,
    test: Dataset,
    *,
    epochs: int,
    works: Sequence[Workload] = WORKLOADS,
    systems: Sequence[System] = SYSTEMS,
    notice: ProgressCallback = lambda _: None,
) -> Comparison:
    """Compare the systems on the workloads; ``notice`` receives a text before each step."""
    rows: list[Row] = []
    for work in works:
        rows += measure(Task(work, train), test, systems, repeat=epochs, notice=notice)
    return Comparison(tuple(rows), epochs, len(train), len(test), describe_machine())
