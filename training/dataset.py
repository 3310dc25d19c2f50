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
    chosen = places(labels, digits=digits, per_digit=per_digit)
    classes = np.repeat(np.arange(len(digits)), [len(indices) for indices in chosen])
    return Dataset(downsample(images[np.concatenate(chosen)]), classes)


def places(
    labels: NDArray[np.uint8], *, digits: tuple[int, ...], per_digit: int | None
) -> list[NDArray[np.intp]]:
    """Return, for each digit, where the images that ``select`` takes lie among all.

    Shapes: ``labels`` (N,) uint8; an array of indices in 0..N-1 per digit.
    """
    return [np.flatnonzero(labels == digit)[:per_digit] for digit in digits]
