"""The kinds of synthetic pictures and their relative frequencies."""

from collections.abc import Callable

import numpy as np

from model_core.parameter import Array
from training.data.augmentation import Pixels
from training.data.synthetic import altered_digits, glyphs, strokes, textures
from training.data.synthetic.drawing import to_mnist_format

Draw = Callable[[np.random.Generator, altered_digits.DigitImages], Array]


def _alone(draw: Callable[[np.random.Generator], Array]) -> Draw:
    """Adapt a function that needs no images of digits."""
    return lambda rng, _: draw(rng)


# Each kind with its relative frequency; the frequencies add up to 1.
KINDS: dict[str, tuple[Draw, float]] = {
    "letter": (_alone(glyphs.letter), 0.42),
    "character": (_alone(strokes.character), 0.2),
    "curves": (_alone(strokes.curves), 0.05),
    "straight": (_alone(strokes.straight), 0.05),
    "scribble": (_alone(strokes.scribble), 0.03),
    "dots": (_alone(strokes.dots), 0.02),
    "mirrored": (altered_digits.mirrored, 0.06),
    "turned": (altered_digits.on_its_side, 0.03),
    "half": (altered_digits.half, 0.03),
    "side by side": (altered_digits.side_by_side, 0.05),
    "on top": (altered_digits.overlaid, 0.01),
    "noise": (_alone(textures.noise), 0.01),
    "blots": (_alone(textures.blots), 0.02),
    "stripes": (_alone(textures.stripes), 0.01),
    "shade": (_alone(textures.shade), 0.01),
}


def draw_synthetic(
    drawings: Pixels, digit_images: altered_digits.DigitImages, rng: np.random.Generator
) -> None:
    """Fill an array with random synthetic pictures in MNIST's format.

    Shapes: ``drawings`` (N, 28, 28) uint8. Altered digits are made of ``digit_images``.
    """
    draws, shares = zip(*KINDS.values(), strict=True)
    kinds = rng.choice(len(KINDS), len(drawings), p=shares)
    for drawing, kind in zip(drawings, kinds, strict=True):
        drawing[:] = to_mnist_format(draws[kind](rng, digit_images))
