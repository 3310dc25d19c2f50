"""Recipes, optimizers, schedules, the loop: they learn, and they can be repeated."""

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from model_core.architectures import build
from model_core.classifier import Classifier
from model_core.parameter import Parameter
from training.dataset import Dataset, select
from training.errors import RecipeError
from training.evaluation import evaluate
from training.loop import EpochState, train
from training.optimizers import SGD, AdamW
from training.recipes import DIGITS, Recipe, get_recipe
from training.schedules import constant, one_cycle


class Recorder:
    """Keeps what a run reports."""

    def __init__(self) -> None:
        self.states: list[EpochState] = []

    def update(self, state: EpochState) -> None:
        """Keep a state."""
        self.states.append(state)


def bars(count: int = 200) -> Dataset:
    """Return pictures that are easy to tell apart: a bar at one of five heights, with noise."""
    rng = np.random.default_rng(11)
    classes = rng.integers(0, 5, count)
    images = rng.random((count, 14, 14), np.float32) * np.float32(0.2)
    images[np.arange(count), 2 * classes + 2] += np.float32(0.8)
    return Dataset(images, classes)


def fitted(recipe: Recipe, *, seed: int = 0) -> tuple[Classifier, Recorder]:
    """Return a classifier trained on the bars, and what it reported."""
    rng = np.random.default_rng(seed)
    classifier = build(recipe.architecture, labels=DIGITS, rng=rng)
    recorder = Recorder()
    train(classifier, bars(), recipe, rng=rng, progress=recorder)
    return classifier, recorder


RECIPES = [
    dataclasses.replace(get_recipe("dnn", "notebook", epochs=4), learning_rate=0.02),
    dataclasses.replace(get_recipe("cnn", "notebook", epochs=2), learning_rate=0.01),
    get_recipe("dnn", "best", epochs=8, batch_size=16),
    get_recipe("cnn", "best", epochs=3, batch_size=16),
]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda r: r.architecture)
def test_every_recipe_learns(recipe: Recipe) -> None:
    """Bars are told apart after a few epochs."""
    classifier, _ = fitted(recipe)

    assert evaluate(classifier, bars())["test_accuracy"] > 0.95


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda r: r.architecture)
def test_a_run_can_be_repeated(recipe: Recipe) -> None:
    """The same seed gives the same weights bit for bit, another seed others."""
    runs = [fitted(recipe, seed=seed)[0] for seed in (1, 1, 2)]
    first, again, other = (dict(run.network.named_parameters()) for run in runs)

    for name, parameter in first.items():
        assert_array_equal(parameter.value, again[name].value)
        assert not np.array_equal(parameter.value, other[name].value)


def test_progress_reaches_the_end_of_each_epoch() -> None:
    """Every epoch ends with a report of all its images; the loss falls."""
    recipe = RECIPES[2]
    _, recorder = fitted(recipe)

    ends = [state for state in recorder.states if state.images == 200]
    assert [state.epoch for state in ends] == list(range(recipe.epochs))
    assert ends[-1].loss < ends[0].loss
    assert 0 <= ends[0].accuracy < ends[-1].accuracy <= 1


def test_a_batch_that_does_not_divide_the_images_is_no_loss() -> None:
    """The last, smaller batch counts; a batch larger than the data set is one step."""
    for batch_size in (7, 1000):
        recipe = dataclasses.replace(RECIPES[2], batch_size=batch_size, epochs=1)
        _, recorder = fitted(recipe)

        assert recorder.states[-1].images == 200


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "epochs: expected at least 1, got 0"),
        ({"batch_size": -1}, "batch_size: expected at least 1, got -1"),
        ({"learning_rate": 0.0}, "learning_rate: expected more than 0, got 0.0"),
        ({"learning_rate": float("nan")}, "learning_rate: expected more than 0, got nan"),
        ({"weight_decay": -0.1}, "weight_decay: expected 0 or more, got -0.1"),
    ],
)
def test_a_nonsense_value_is_refused(changes: dict[str, float], message: str) -> None:
    """The error names the hyper-parameter, what was expected and what came."""
    with pytest.raises(RecipeError, match=message):
        get_recipe("dnn", "best", **changes)


def test_the_notebook_recipe_is_the_notebooks() -> None:
    """2,000 and 500 images a digit, SGD, 5e-4, one at a time, ten epochs."""
    recipe = get_recipe("cnn", "notebook")

    assert (recipe.train_per_digit, recipe.test_per_digit) == (2000, 500)
    assert (recipe.optimizer, recipe.learning_rate, recipe.batch_size) == ("sgd", 5e-4, 1)
    assert (recipe.schedule, recipe.epochs, recipe.weight_decay) == ("constant", 10, 0)


def test_sgd_follows_the_gradient() -> None:
    """One step of a known size."""
    parameter = Parameter(np.array([1.0, 2.0], np.float32))
    parameter.grad = np.array([0.5, -1.0], np.float32)

    SGD([parameter]).step(0.1)

    assert_allclose(parameter.value, [0.95, 2.1])


def test_adamw_agrees_with_pytorch(rng: np.random.Generator) -> None:
    """Ten steps with weight decay end where PyTorch's end."""
    torch = pytest.importorskip("torch", reason="needs torch: pip install 'digitserve[compare]'")
    start = rng.standard_normal((3, 4), np.float32)
    parameter, other = Parameter(start.copy()), torch.nn.Parameter(torch.tensor(start))
    ours = AdamW([parameter], weight_decay=0.1)
    theirs = torch.optim.AdamW([other], lr=0.01, weight_decay=0.1)

    for _ in range(10):
        grad = rng.standard_normal((3, 4), np.float32)
        parameter.grad = grad.copy()
        other.grad = torch.tensor(grad)
        ours.step(0.01)
        theirs.step()

    assert_allclose(parameter.value, other.detach().numpy(), atol=1e-6)


def test_adamw_does_not_decay_biases() -> None:
    """A vector without gradient stays, a matrix shrinks."""
    bias, weight = Parameter(np.ones(2, np.float32)), Parameter(np.ones((2, 2), np.float32))

    AdamW([bias, weight], weight_decay=0.5).step(0.1)

    assert_allclose(bias.value, 1)
    assert_allclose(weight.value, 0.95)


def test_one_cycle_rises_and_falls() -> None:
    """A twenty-fifth at the start, the peak at three tenths, almost nothing at the end."""
    assert constant(0.7) == 1
    assert one_cycle(0) == pytest.approx(1 / 25)
    assert one_cycle(0.3) == pytest.approx(1)
    assert one_cycle(1) == pytest.approx(1e-4)


def test_select_takes_the_first_of_each_digit() -> None:
    """Images come by digit, and within a digit in their order; classes count the digits."""
    labels = np.array([3, 1, 3, 1, 9, 3], np.uint8)
    images = np.arange(6, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8)

    dataset = select(images, labels, digits=(1, 3), per_digit=2)

    assert_allclose(dataset.images[:, 0, 0] * 255, [1, 3, 0, 2])
    assert_array_equal(dataset.classes, [0, 0, 1, 1])
