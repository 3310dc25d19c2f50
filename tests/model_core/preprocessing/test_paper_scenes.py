"""Paper and light as in photos from the field: each kind of scene is read, and no empty one."""

import numpy as np
import pytest

from benchmarks.scenes.paper import PAPER_SCENES
from model_core.classifier import Classifier
from model_core.preprocessing import normalise
from model_core.preprocessing.image_ops.types import Grey8
from model_core.preprocessing.steps import Change
from tests.model_core.preprocessing.reading import answer, is_two
from tests.support.pictures import two
from tests.support.scenes import shape

# Drawings of each kind that were not read before there was a step for it.
SEEDS = {
    "soft print beside a dark line": (0, 8, 12, 13),
    "vignette": (4, 5, 6, 7),
    "light from one side": (36, 56),
    "pencil on a large sheet": (0, 2, 3),
    "squared paper, dim and blurred": (56,),
    "squared paper, lines half as dark": (14, 21, 24, 26),
    "patterned ground": (1,),
    "board with glare": (0, 2, 4, 6),
    "thick borders on two sides": (0, 10, 14, 26),
}


def drawing(name: str, seed: int, *, empty: bool = False) -> Grey8:
    """Return a two in a scene, or the scene without it."""
    scene, (smallest, largest), _ = PAPER_SCENES[name]
    rng = np.random.default_rng(seed)
    size = int(rng.integers(smallest, largest))
    ink = shape(np.asarray(two()), size)
    picture: Grey8 = np.clip(scene(0 * ink if empty else ink, rng), 0, 255).astype(np.uint8)
    return picture


@pytest.mark.parametrize("name", PAPER_SCENES)
def test_a_digit_in_each_scene_is_read(cnn: Classifier, name: str) -> None:
    """A two is accepted as a two in every drawing."""
    answers = [answer(cnn, drawing(name, seed)) for seed in SEEDS[name]]

    assert all(is_two(each) for each in answers)


@pytest.mark.parametrize("name", PAPER_SCENES)
def test_an_empty_scene_is_no_digit(cnn: Classifier, name: str) -> None:
    """Lines, shades, patterns and spots of light alone are none."""
    answers = [answer(cnn, drawing(name, seed, empty=True)) for seed in range(4)]

    assert {each.decision for each in answers} == {"abstain"}


@pytest.mark.parametrize("name", PAPER_SCENES)
def test_the_negative_of_a_scene_gives_the_same(name: str) -> None:
    """Bit for bit: light chalk on a board is dark ink on paper."""
    picture = drawing(name, 0)

    assert (normalise(picture).pixels == normalise(255 - picture).pixels).all()


def test_a_spot_of_light_on_a_board_is_a_step() -> None:
    """The step has its own words."""
    for seed in SEEDS["board with glare"]:
        assert Change.EVENED_OUT_SPOTS in normalise(drawing("board with glare", seed)).steps


@pytest.mark.parametrize(("noise", "trust"), [(3, 1), (30, 0.25)])
def test_pale_ink_that_is_lost_in_noise_is_doubtful(noise: float, trust: float) -> None:
    """Of a pale stroke on a large, noisy sheet some may be missing."""
    rng = np.random.default_rng(0)
    sheet = np.full((900, 900), 200.0)
    sheet[180:720, 450:550] -= 30
    picture = np.clip(sheet + rng.normal(0, noise, sheet.shape), 0, 255).astype(np.uint8)

    assert normalise(picture).trust == trust
