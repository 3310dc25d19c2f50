"""A hand that the shipped cnn reads badly: MNIST's validation digits, flat and strongly slanted.

They are neither trained on nor tested on, so that MNIST's test images keep their meaning.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.support.pictures import encode
from training.data.dataset import indices_by_digit
from training.data.mnist import Mnist
from training.recipes import DIGITS

# Sizes in pixels: of the enlarged digit, and of the picture.
LARGE, SIDE = 112, 160
SLANT, FLATNESS = 1.2, 2.0


def write_in_hand(mnist: Mnist, part: slice) -> list[tuple[int, bytes]]:
    """Return pictures of this hand, PNG, dark on light, each with its digit.

    ``part`` is taken of the 500 validation images of each digit 0-4.
    """
    last = slice(-500, None)
    by_digit = indices_by_digit(mnist.train_labels, digits=DIGITS, part=last)
    return [
        (digit, _picture(mnist.train_images[number]))
        for digit, numbers in zip(DIGITS, by_digit, strict=True)
        for number in numbers[part]
    ]


def _picture(digit: NDArray[np.uint8]) -> bytes:
    """Slant and flatten a digit: an affine transform from the new picture to the enlarged one."""
    large = Image.fromarray(digit).resize((LARGE, LARGE), Image.Resampling.BICUBIC)
    right = LARGE / 2 - (1 + SLANT) * SIDE / 2
    down = LARGE / 2 - FLATNESS * SIDE / 2
    matrix = (1, SLANT, right, 0, FLATNESS, down)
    changed = large.transform(
        (SIDE, SIDE), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC
    )
    return encode(Image.fromarray(255 - np.asarray(changed)))
