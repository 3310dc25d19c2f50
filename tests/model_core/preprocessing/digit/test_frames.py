"""Frames and pieces of something larger are no digit."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model_core.classifier import Classifier
from model_core.preprocessing import normalise
from model_core.preprocessing.steps import Change
from tests.model_core.preprocessing.reading import answer
from tests.support.scenes import Scene, cell, table


def test_a_thin_stroke_at_the_frame_is_no_frame(cnn: Classifier) -> None:
    """A zero of one pixel's width that touches all four sides is the digit."""
    picture = Image.new("L", (90, 120), 255)
    ImageDraw.Draw(picture).rounded_rectangle((0, 0, 89, 119), 25, outline=0)

    assert answer(cnn, np.asarray(picture)).digit == 0


@pytest.mark.parametrize("scene", [cell, table])
def test_an_empty_scene_has_no_digit(cnn: Classifier, scene: Scene) -> None:
    """Pieces at the border come from outside, though one may look like a 1."""
    for seed in range(30):
        rng = np.random.default_rng(seed)
        picture = np.clip(scene(np.zeros((100, 100)), rng), 0, 255).astype(np.uint8)

        assert answer(cnn, picture).decision == "abstain"


def test_a_thin_three_that_fills_the_picture_is_no_frame(cnn: Classifier) -> None:
    """Its ends come close to the corners, but not into their tips."""
    picture = Image.new("L", (60, 60), 255)
    points = [(1, 1), (50, 0), (59, 9), (59, 22), (30, 29), (59, 36), (59, 50), (50, 59), (1, 58)]
    ImageDraw.Draw(picture).line(points, fill=0, width=1)

    prediction = answer(cnn, np.asarray(picture))

    assert Change.FOUND_NO_INK not in normalise(np.asarray(picture)).steps
    assert prediction.digit == 3
