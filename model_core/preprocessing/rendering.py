"""Rendering of a segmented digit in MNIST's format, and the steps taken."""

import numpy as np

from model_core.preprocessing.digit.ink import is_ink
from model_core.preprocessing.digit.placement import centre_by_mass, saturate_strokes, scale_to_box
from model_core.preprocessing.digit.segmentation import Digit
from model_core.preprocessing.digit.surroundings.second_figure import DOUBTFUL
from model_core.preprocessing.image_ops.morphology import binary_dilation
from model_core.preprocessing.mnist_format import NormalisedImage
from model_core.preprocessing.search import Segmentation
from model_core.preprocessing.steps import Change, Cropped, Removed, Scaled, Step
from model_core.preprocessing.view import View, expand_box

# Pixels of the reduced picture: the least length of a digit's longer side. Chosen so that spots
# are none.
MIN_DIGIT_LENGTH = 5

# Sides of the picture that a crease or a fold reaches at least. Chosen so that a digit that is cut
# off close at one side is not taken for one.
MIN_SIDES_THROUGH = 2

# Times its own width by height: a digit that is wider after scaling was widened. Chosen so that
# rounding to whole pixels is not counted, and the least widening of a narrow digit is.
MIN_WIDENING = 1.25

# Pixels around the digit that are rendered with it: the faint edge of a stroke is one pixel wide.
EDGE_PIXELS = 1


def render_digit(view: View, found: Segmentation) -> NormalisedImage | None:
    """Scale and place a digit with the faint edges of its strokes; None if it is no ink after all.

    A spot of a few pixels is no ink, and neither is shading.
    """
    digit = found.digit
    around = expand_box(digit.box, view.image.pixels.shape, EDGE_PIXELS)
    contrast, mask = found.ink.contrast[around], digit.mask[around]
    ordered = np.sort(contrast[mask])
    tall, wide = digit.sides
    if max(tall, wide) < MIN_DIGIT_LENGTH:
        return None
    if not is_ink(contrast, mask, ordered, through=digit.borders >= MIN_SIDES_THROUGH):
        return None
    shares = saturate_strokes(contrast * binary_dilation(mask), ordered)
    top, left = digit.box[0].start - around[0].start, digit.box[1].start - around[1].start
    scaled, thickened = scale_to_box(shares[top : top + tall, left : left + wide])
    steps = view.steps + _last_steps(view, digit, scaled.shape)
    steps += (Change.THICKENED_STROKES,) * thickened
    widened = tall * scaled.shape[1] > MIN_WIDENING * wide * scaled.shape[0]
    trust = min(digit.trust, DOUBTFUL) if widened else digit.trust
    return NormalisedImage(centre_by_mass(scaled), steps, trust)


def _last_steps(view: View, digit: Digit, shape: tuple[int, ...]) -> tuple[Step, ...]:
    """Return what was left out, what was cropped, and how it was scaled to ``shape``."""
    tall, wide = digit.sides
    height = min(view.pixels.shape[0], tall * view.block)
    width = min(view.pixels.shape[1], wide * view.block)
    before = {step.kind for step in view.steps if isinstance(step, Removed)}
    steps: list[Step] = [step for step in digit.removed if step.kind not in before]
    if (tall, wide) != view.image.pixels.shape:
        steps.append(Cropped(width, height))
    return (*steps, Scaled((width, height), (shape[1], shape[0])))
