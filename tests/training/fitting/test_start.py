"""The start of a run: weights of a file, and what they have to fit."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from model_core.weights import Pretrained, load_weights, pretrained_dir
from tests.support.small_mnist import SMALL_MNIST
from tests.training.fitting.test_loop import bars
from training.corrections.corrections import Correction, Corrections
from training.errors import CheckpointError, RecipeError, StartError
from training.fitting.checkpoint import Checkpoint
from training.fitting.fit import fit
from training.fitting.loop import TrainingRun
from training.fitting.start import initial_classifier, origin
from training.recipes import ModelName, continue_architecture, get_recipe

DIGITS = (0, 1, 2, 3, 4)


@pytest.fixture(scope="module")
def shipped() -> Pretrained:
    """Return the shipped cnn."""
    return load_weights(pretrained_dir() / "cnn.safetensors")


def test_a_run_starts_from_the_weights_and_leaves_them(shipped: Pretrained) -> None:
    """The values are equal, in an array of their own."""
    classifier = initial_classifier(get_recipe("cnn", "fine-tune"), DIGITS, 0, shipped)

    assert_array_equal(classifier.network.values, shipped.classifier.network.values)
    assert not np.shares_memory(classifier.network.values, shipped.classifier.network.values)


@pytest.mark.parametrize(
    ("model", "digits", "message"),
    [
        ("dnn", DIGITS, "architecture: expected dnn, got cnn"),
        ("cnn", (0, 1, 2), r"digits: expected \(0, 1, 2\), got \(0, 1, 2, 3, 4\)"),
    ],
)
def test_weights_of_another_kind_are_refused(
    shipped: Pretrained, model: ModelName, digits: tuple[int, ...], message: str
) -> None:
    """Another architecture, or other digits."""
    with pytest.raises(StartError, match=f"weights to start from: {message}"):
        initial_classifier(get_recipe(model, "fine-tune"), digits, 0, shipped)


@pytest.mark.parametrize(
    ("model", "architecture", "expected"),
    [
        ("cnn", "cnn", "cnn"),
        ("cnn", "cnn-small", "cnn-small"),
        ("cnn10", "cnn-small", "cnn-small"),
        ("dnn", "cnn", "dnn"),
    ],
)
def test_a_cnn_keeps_its_channels(model: ModelName, architecture: str, expected: str) -> None:
    """Weights of an earlier version, with more channels, can be trained further."""
    recipe = get_recipe(model, "fine-tune")

    assert continue_architecture(recipe, architecture).architecture == expected


def test_weights_with_a_reject_class_need_a_recipe_with_one(shipped: Pretrained) -> None:
    """A recipe that draws nothing has one class fewer."""
    recipe = get_recipe("cnn", "fine-tune", others=0)

    with pytest.raises(StartError, match="reject class: expected 5, got 6"):
        initial_classifier(recipe, DIGITS, 0, shipped)


def test_corrections_need_a_reject_class() -> None:
    """A recipe without one could not learn from pictures of no digit."""
    some = Corrections.of_rows([Correction("a", np.ones((28, 28), np.uint8), 1)])

    with pytest.raises(RecipeError, match="others: expected more than 0 with corrections, got 0"):
        fit(SMALL_MNIST, get_recipe("dnn", "notebook"), title="", seed=0, corrections=some)


def test_a_checkpoint_belongs_to_its_corrections_and_its_start(
    shipped: Pretrained, tmp_path: Path
) -> None:
    """A run with other ones, or without, is refused."""
    some = Corrections.of_rows([Correction("a", np.ones((28, 28), np.uint8), 1)])
    whole, none = origin(shipped, some), origin(None, None)

    assert whole == {"started_from": shipped.sha256, "corrections_sha256": some.sha256}
    assert none == {}
    changed = whole | {"corrections_sha256": "0"}
    for number, (saved, resumed) in enumerate(((whole, none), (none, whole), (whole, changed))):
        directory = tmp_path / str(number)
        Checkpoint(directory, resume=False).save(new_run(saved))
        with pytest.raises(CheckpointError, match=r"(started_from|corrections_sha256): expected "):
            Checkpoint(directory, resume=True).restore(new_run(resumed))


def new_run(digests: dict[str, str]) -> TrainingRun:
    """Return a small run."""
    recipe = get_recipe("dnn", "notebook")
    classifier = initial_classifier(recipe, DIGITS, 0, None)
    return TrainingRun(classifier, bars(20), recipe, seed=0, origin=digests)
