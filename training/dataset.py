"""The images of the wanted digits, as the networks see them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_core.parameter import Array
from model_core.preprocessing import downsample


@dataclass(frozen=True, slots=True)
class Dataset:
    """Images (N, 14, 14) float32 in 0..1, and for each its class: the index of its label."""

    images: Array
    classes: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.images)


def select(
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    *,
    digits: tuple[int, ...],
    per_digit: int | None,
) -> Dataset:
    """Return the images of some digits, ordered by digit and then as they come.

    Shapes: ``images`` (N, 28, 28) uint8, ``labels`` (N,) uint8. ``per_digit`` takes the first so
    many of each digit, None takes all.
    """
    chosen = [np.flatnonzero(labels == digit)[:per_digit] for digit in digits]
    classes = np.repeat(np.arange(len(digits)), [len(indices) for indices in chosen])
    return Dataset(downsample(images[np.concatenate(chosen)]), classes)
