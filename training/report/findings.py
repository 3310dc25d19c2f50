"""Evaluation of a model for the report: metrics, scores per digit, mistakes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_core.metrics import Reliability, accuracy, confusion_matrix, reliability, rmse
from model_core.parameter import Array
from model_core.weights import Pretrained
from training.data.dataset import Dataset, indices_by_digit
from training.data.mnist import Mnist
from training.fitting.evaluation import held_out


@dataclass(frozen=True, slots=True)
class Mistake:
    """A misclassified test image; ``number`` is its index in MNIST's file, from 0.

    Shapes: ``original`` (28, 28) uint8, as in MNIST; ``seen`` (14, 14) float32 in 0..1, as the
    model sees it; ``probabilities`` are in the order of the labels.
    """

    number: int
    truth: int
    answer: int
    probabilities: tuple[float, ...]
    original: NDArray[np.uint8]
    seen: Array

    @property
    def confidence(self) -> float:
        """The probability of the wrong answer."""
        return max(self.probabilities)


@dataclass(frozen=True, slots=True)
class DigitScore:
    """Scores of one digit; ``taken_for`` has each wrong answer with its count, largest first.

    Units: ``accuracy`` in 0..1.
    """

    label: int
    images: int
    errors: int
    accuracy: float
    taken_for: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """Metrics over all test images, and the mistakes in descending order of confidence.

    Shapes: ``confusion`` (K, K) int64, truth in rows.
    Units: ``accuracy`` in 0..1; ``rmse`` against 1 for the right digit and 0 elsewhere.
    """

    labels: tuple[int, ...]
    images: int
    accuracy: float
    rmse: float
    confusion: NDArray[np.int64]
    reliability: Reliability
    mistakes: tuple[Mistake, ...]

    @property
    def digits(self) -> list[DigitScore]:
        """The scores of each digit, in the order of the labels."""
        return [_score(self.labels, row, index) for index, row in enumerate(self.confusion)]


def examine(pretrained: Pretrained, mnist: Mnist) -> Findings:
    """Evaluate a model on its recipe's test images."""
    labels = pretrained.card.labels
    per_digit = pretrained.card.recipe.get("test_per_digit")
    dataset = held_out(mnist, labels, per_digit)
    numbers = np.concatenate(
        indices_by_digit(mnist.test_labels, digits=labels, part=slice(0, per_digit))
    )
    probabilities = pretrained.classifier.probabilities(dataset.images)
    truth = np.eye(len(labels))[dataset.classes]
    mistakes = _mistakes(labels, dataset, probabilities, numbers, mnist.test_images)
    return Findings(
        labels=labels,
        images=len(dataset),
        accuracy=accuracy(probabilities, dataset.classes),
        rmse=rmse(probabilities, truth),
        confusion=confusion_matrix(probabilities, dataset.classes),
        reliability=reliability(probabilities, dataset.classes),
        mistakes=tuple(sorted(mistakes, key=lambda mistake: -mistake.confidence)),
    )


def _score(labels: tuple[int, ...], row: NDArray[np.int64], index: int) -> DigitScore:
    images, right = int(row.sum()), int(row[index])
    wrong = [(labels[other], int(row[other])) for other in np.flatnonzero(row) if other != index]
    return DigitScore(
        label=labels[index],
        images=images,
        errors=images - right,
        accuracy=right / images,
        taken_for=tuple(sorted(wrong, key=lambda pair: -pair[1])),
    )


def _mistakes(
    labels: tuple[int, ...],
    dataset: Dataset,
    probabilities: Array,
    numbers: NDArray[np.intp],
    originals: NDArray[np.uint8],
) -> list[Mistake]:
    answers = probabilities.argmax(axis=1)
    return [
        Mistake(
            number=int(numbers[row]),
            truth=labels[dataset.classes[row]],
            answer=labels[answers[row]],
            probabilities=tuple(probabilities[row].tolist()),
            original=originals[numbers[row]],
            seen=dataset.images[row],
        )
        for row in np.flatnonzero(answers != dataset.classes)
    ]
