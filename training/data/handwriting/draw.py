"""Drawing of many handwritten digits at random."""

import numpy as np
from numpy.typing import NDArray

from training.data.handwriting.hand import write
from training.data.handwriting.renderings import Pixels, render
from training.data.handwriting.strokes import Rng

# Relative frequency of each digit: more for those whose forms differ most from MNIST's.
FREQUENCIES = (5.0, 9.0, 5.5, 4.0, 5.5, 3.1, 3.1, 3.1, 3.1, 3.1)
# Attempts to draw a digit of which something is left.
ATTEMPTS = 5


def draw_handwriting(digits: NDArray[np.intp], rng: Rng) -> Pixels:
    """Draw a handwritten digit for each of ``digits``, in random forms and renderings.

    Shapes: ``digits`` (N,) integers in 0..9 -> (N, 28, 28) uint8 in MNIST's format.
    """
    pictures = np.zeros((len(digits), 28, 28), np.uint8)
    for picture, digit in zip(pictures, digits.tolist(), strict=True):
        for _ in range(ATTEMPTS):
            picture[:] = render(write(digit, rng), rng)
            if picture.any():
                break
    return pictures


def choose_digits(count: int, among: tuple[int, ...], rng: Rng) -> NDArray[np.intp]:
    """Choose digits at random by their relative frequencies, (count,) integers."""
    shares = np.array([FREQUENCIES[digit] for digit in among])
    return rng.choice(np.array(among, np.intp), count, p=shares / shares.sum())
