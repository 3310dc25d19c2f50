"""Labelled images of selected digits, before and after augmentation and downsampling."""

import dataclasses
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model_core.parameter import Array
from model_core.preprocessing import downsample
from training.data.augmentation import Augmentation, augment

# The label of a picture that shows no digit.
NO_DIGIT = -1


@dataclass(frozen=True, slots=True)
class Dataset:
    """Network inputs (N, 14, 14) float32 in 0..1, and the class of each: the index of its label."""

    images: Array
    classes: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.images)

    def take(self, indices: NDArray[np.intp], rng: np.random.Generator) -> "Dataset":  # noqa: ARG002
        """Return the images with the given indices, in that order."""
        return Dataset(self.images[indices], self.classes[indices])


@dataclass(frozen=True, slots=True)
class MnistImages:
    """MNIST images (N, 28, 28) uint8 with their classes and their augmentation."""

    images: NDArray[np.uint8]
    classes: NDArray[np.intp]
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __len__(self) -> int:
        return len(self.images)

    def take(self, indices: NDArray[np.intp], rng: np.random.Generator) -> Dataset:
        """Return the images with the given indices, in that order, each augmented anew."""
        images = augment(self.images[indices], self.augmentation, rng)
        return Dataset(downsample(images), self.classes[indices])

    def augmented(self, how: Augmentation) -> "Examples":
        """Return the same images with an augmentation, or else downsampled once and for all."""
        return dataclasses.replace(self, augmentation=how) if how else self.downsampled()

    def downsampled(self) -> Dataset:
        """Return all images downsampled to the network's input size, without augmentation."""
        return Dataset(downsample(self.images), self.classes)


class Examples(Protocol):
    """Interface of a source of training images."""

    def __len__(self) -> int:
        """Return the number of images."""
        ...

    def take(self, indices: NDArray[np.intp], rng: np.random.Generator) -> Dataset:
        """Return the images with the given indices, in that order; ``rng`` is for augmentation."""
        ...


def select(
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    *,
    digits: tuple[int, ...],
    part: slice = slice(None),
) -> MnistImages:
    """Return the images of some digits, ordered by digit, and in file order within a digit.

    Shapes: ``images`` (N, 28, 28) uint8, ``labels`` (N,) uint8. ``part`` is taken of each digit.
    """
    chosen = indices_by_digit(labels, digits=digits, part=part)
    classes = np.repeat(np.arange(len(digits)), [len(indices) for indices in chosen])
    return MnistImages(images[np.concatenate(chosen)], classes)


def indices_by_digit(
    labels: NDArray[np.uint8], *, digits: tuple[int, ...], part: slice
) -> list[NDArray[np.intp]]:
    """Return, for each digit, the indices of the images that ``select`` takes.

    Shapes: ``labels`` (N,) uint8; an array of indices in 0..N-1 per digit.
    """
    return [np.flatnonzero(labels == digit)[part] for digit in digits]
