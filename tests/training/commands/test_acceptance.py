"""The old version that a new one is compared with, and the limits that the page has."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from model_core.weights import load_weights, pretrained_dir
from tests.support.pictures import as_bytes
from training.acceptance import proof, refusals
from training.commands.acceptance import old_version, prepare
from training.data.mnist import Mnist
from training.errors import StartError
from training.fitting.mixture import MOST_REPEATS
from training.recipes import Recipe, get_recipe

PAGE = Path(__file__).parents[3] / "docs" / "learning.md"
CNN, DNN = (pretrained_dir() / f"{name}.safetensors" for name in ("cnn", "dnn"))


def test_the_old_version_is_the_newest_one_at_the_destination(tmp_path: Path) -> None:
    """Else that of `--from`, else the shipped one."""
    other = tmp_path / "other.safetensors"
    shutil.copy(DNN, other)
    start = load_weights(CNN)

    assert old_version(other, start, "cnn").sha256 == load_weights(DNN).sha256
    assert old_version(None, start, "dnn") is start
    assert old_version(None, None, "dnn").sha256 == load_weights(DNN).sha256


def test_an_old_version_of_other_digits_is_refused(tmp_path: Path, mnist: Mnist) -> None:
    """Their mistakes cannot be compared."""
    (tmp_path / "2").mkdir()
    (tmp_path / "2" / "one.png").write_bytes(as_bytes())
    ten = tuple(range(10))

    with pytest.raises(StartError, match=r"old version: expected the digits \(0, .*got \(0, 1, 2"):
        prepare([str(tmp_path)], mnist, get_recipe("cnn", "best"), ten, load_weights(CNN))


def test_the_page_has_the_limits() -> None:
    """Each number of docs/learning.md is that of the code."""
    page = PAGE.read_text()
    fine, best = get_recipe("cnn", "fine-tune"), get_recipe("cnn", "best")

    for text in (
        f"at most {proof.MORE_ERRORS} errors more",
        f"p of at most {proof.SIGNIFICANCE}",
        f"fewer than {proof.FEWEST_MISTAKES} mistakes",
        f"at most {100 * refusals.MORE_DIGITS:g} percentage points more",
        f"at most {100 * refusals.LESS_OTHERS:g} percentage point less",
        f"at most {100 * refusals.LESS_DRAWINGS:g} percentage points less",
        f"{refusals.DRAWINGS:,} drawings",
        f"{100 * fine.corrections:g} % of an epoch",
        f"at most {MOST_REPEATS} times",
        "**A quarter is held back**",
        "one epoch of a quarter of the pictures, at an eighth of the learning rate",
    ):
        assert text in page, text
    assert fine.held_back == best.held_back == 0.25
    assert fine.corrections == best.corrections
    assert (fine.epochs, 8 * fine.learning_rate) == (1, best.learning_rate)
    assert np.isclose(epoch(fine) / epoch(best), 0.25, atol=0.05)


def epoch(recipe: Recipe) -> float:
    """Return about how many pictures an epoch of a model of five digits has."""
    drawn = recipe.pens + (recipe.handwriting + recipe.printed) / 2
    return 28_000 * recipe.repeats + drawn + recipe.others
