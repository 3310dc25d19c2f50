"""Shapes around, beside and under a digit: each kind of scene has its step, and two digits none."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from benchmarks.scenes.shapes import REFUSED_SCENES, SHAPE_SCENES
from model_core.preprocessing import normalise
from model_core.preprocessing.image_ops.types import Grey8
from model_core.preprocessing.steps import Change, Kind, Removed, Step
from tests.support.pictures import two
from tests.support.scenes import shape

SEEDS = range(10)

# The step of each kind of scene, and in how many of ten drawings it is taken at least.
STEPS = {
    "circled": (Kind.ENCLOSURE, 8),
    "boxed": (Kind.ENCLOSURE, 8),
    "underlined": (Kind.UNDERLINE, 10),
    "underlined twice": (Kind.UNDERLINE, 10),
    "word beside": (Kind.WRITING, 7),
    "small figures in a corner": (Kind.WRITING, 5),
    "joining stroke": (Kind.JOINING_STROKE, 7),
    "28x28 by nearest neighbour": (Change.JOINED_STROKES, 9),
}


def drawing(name: str, seed: int) -> Grey8:
    """Return a two in a scene."""
    scene, sizes, _ = (SHAPE_SCENES | REFUSED_SCENES)[name]
    rng = np.random.default_rng(seed)
    ink = shape(np.asarray(two()), int(rng.integers(*sizes)))
    picture: Grey8 = np.clip(scene(ink, rng), 0, 255).astype(np.uint8)
    return picture


def names(steps: tuple[Step, ...]) -> set[object]:
    """Return the changes, and the kinds of what was removed."""
    return {step.kind if isinstance(step, Removed) else step for step in steps}


@pytest.mark.parametrize("name", STEPS)
def test_each_kind_of_scene_has_its_step(name: str) -> None:
    """What is drawn beside the digit is removed and named, in most drawings."""
    step, least = STEPS[name]
    images = [normalise(drawing(name, seed)) for seed in SEEDS]

    assert sum(step in names(image.steps) for image in images) >= least
    assert all(image.pixels.any() for image in images)


@pytest.mark.parametrize("name", ["two digits, near", "two digits, far"])
def test_two_digits_have_no_answer(name: str) -> None:
    """However far apart they are, the picture has no trust."""
    assert {normalise(drawing(name, seed)).trust for seed in SEEDS} == {0}


@pytest.mark.parametrize("name", SHAPE_SCENES | REFUSED_SCENES)
def test_the_negative_of_a_scene_gives_the_same(name: str) -> None:
    """Bit for bit, with the same trust."""
    for seed in SEEDS:
        picture = drawing(name, seed)
        image, negative = normalise(picture), normalise(255 - picture)

        assert_array_equal(image.pixels, negative.pixels)
        assert image.trust == negative.trust
