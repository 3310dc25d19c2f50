"""How often each kind of clutter is drawn."""

from collections.abc import Callable, Mapping

import numpy as np

from model_core.parameter import Array
from training.augmentation import Pixels
from training.clutter import digits, glyphs, strokes, textures
from training.clutter.canvas import fit

Draw = Callable[[np.random.Generator, Mapping[int, Pixels]], Array]


def _alone(draw: Callable[[np.random.Generator], Array]) -> Draw:
    """Return a kind that needs no digits to draw with."""
    return lambda rng, _: draw(rng)


# Each kind, and how often it comes.
KINDS: dict[str, tuple[Draw, float]] = {
    "letter": (_alone(glyphs.letter), 0.42),
    "character": (_alone(strokes.character), 0.2),
    "curves": (_alone(strokes.curves), 0.05),
    "straight": (_alone(strokes.straight), 0.05),
    "scribble": (_alone(strokes.scribble), 0.03),
    "dots": (_alone(strokes.dots), 0.02),
    "mirrored": (digits.mirrored, 0.06),
    "turned": (digits.turned, 0.03),
    "half": (digits.half, 0.03),
    "side by side": (digits.side_by_side, 0.05),
    "on top": (digits.on_top, 0.01),
    "noise": (_alone(textures.noise), 0.01),
    "blots": (_alone(textures.blots), 0.02),
    "stripes": (_alone(textures.stripes), 0.01),
    "shade": (_alone(textures.shade), 0.01),
}


def draw_clutter(
    count: int, known: Mapping[int, Pixels], rng: np.random.Generator
) -> tuple[Pixels, list[str]]:
    """Return so many drawings in the form of MNIST's digits, and the kind of each.

    Shapes: (count, 28, 28) uint8. ``known`` are images (N, 28, 28) uint8 of each digit 0-9, to be
    mirrored, cut in two and put side by side.
    """
    shares = [share for _, share in KINDS.values()]
    kinds = [list(KINDS)[index] for index in rng.choice(len(KINDS), count, p=shares)]
    return np.stack([fit(KINDS[kind][0](rng, known)) for kind in kinds]), kinds
