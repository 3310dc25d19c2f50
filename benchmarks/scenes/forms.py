"""Synthetic scenes of unusual letterforms: digits as few people write them, on plain paper.

The forms are those of training, the drawings are not: they have a random generator of their own.
"""

import numpy as np
from numpy.typing import NDArray

from training.data.handwriting.forms.four import hooked_four, looped_four, short_stem
from training.data.handwriting.forms.one import caret, lambda_shaped
from training.data.handwriting.forms.others import nine, nine_like_three
from training.data.handwriting.forms.zero import slashed
from training.data.handwriting.hand import by_hand
from training.data.handwriting.paper import on_paper
from training.data.handwriting.pen import draw_ink
from training.data.handwriting.strokes import Form, Rng

# Pixels: the height of a digit; and the width of its strokes as a share of it.
HEIGHTS, STROKES = (30, 150), (0.02, 0.13)

# Each scene: the digit, and its forms.
FORM_SCENES: dict[str, tuple[int, tuple[Form, ...]]] = {
    "1 with a long flag": (1, (lambda_shaped, caret)),
    "4 with a loop": (4, (looped_four,)),
    "4 like a G or an h": (4, (hooked_four, short_stem)),
    "0 with a slash": (0, (slashed,)),
    "9 with a hook": (9, (nine, nine_like_three)),
}


def draw_form(forms: tuple[Form, ...], rng: Rng) -> NDArray[np.uint8]:
    """Draw one of some forms of a digit on paper.

    Shapes: -> (H, W) uint8.
    """
    height = rng.uniform(*HEIGHTS)
    lines = by_hand(forms[int(rng.integers(len(forms)))], rng)
    return on_paper(draw_ink(lines, height, height * rng.uniform(*STROKES), rng), rng)
