"""Recipes, optimizers, schedules, the training loop: convergence and repeatability."""

import copy
import dataclasses
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from model_core.architectures import build
from model_core.classifier import Classifier
from model_core.layers import Flatten, Identity, Linear
from model_core.network import Sequential
from training.data.dataset import Dataset, select
from training.errors import NonFiniteLossError, RecipeError
from training.fitting.evaluation import evaluate
from training.fitting.loop import TrainingRun, TrainingState
from training.fitting.optimizers import SGD, make_optimizer
from training.fitting.schedules import constant, cosine, one_cycle
from training.recipes import DIGITS, Recipe, get_recipe


def bars(count: int = 200) -> Dataset:
    """Return an easy data set: a bar at one of five heights, with noise."""
    rng = np.random.default_rng(11)
    classes = rng.integers(0, 5, count)
    images = rng.random((count, 14, 14), np.float32) * np.float32(0.2)
    images[np.arange(count), 2 * classes + 2] += np.float32(0.8)
    return Dataset(images, classes)


def new_run(recipe: Recipe, *, seed: int = 0, validation: Dataset | None = None) -> TrainingRun:
    """Return a new training run on the bars."""
    classifier = build(recipe.architecture, labels=DIGITS, rng=np.random.default_rng(seed))
    return TrainingRun(classifier, bars(), recipe, seed=seed, validation=validation)


def fitted(recipe: Recipe, *, seed: int = 0) -> tuple[Classifier, list[TrainingState]]:
    """Return a classifier trained on the bars, and its training states."""
    states: list[TrainingState] = []
    run = new_run(recipe, seed=seed)
    run.train(lambda state: states.append(copy.deepcopy(state)))
    return run.classifier, states


RECIPES = [
    dataclasses.replace(get_recipe("dnn", "notebook", epochs=4), learning_rate=0.02),
    dataclasses.replace(get_recipe("cnn", "notebook", epochs=2), learning_rate=0.01),
    get_recipe("dnn", "best", epochs=8, batch_size=16),
    get_recipe("cnn", "best", epochs=3, batch_size=16),
    get_recipe("dnn", "best", epochs=8, batch_size=16, optimizer="adam", schedule="cosine"),
    get_recipe(
        "dnn", "best", epochs=8, batch_size=16, optimizer="sgd", momentum=0.9, learning_rate=0.02
    ),
    get_recipe("dnn", "best", epochs=8, batch_size=16, average=0.9),
]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda r: r.architecture)
def test_every_recipe_learns(recipe: Recipe) -> None:
    """Every recipe learns the bars in a few epochs."""
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


def test_a_run_leaves_numpys_buffer_as_it_was() -> None:
    """The size of NumPy's buffer is another one only while a run trains."""
    before = np.getbufsize()
    fitted(RECIPES[0])

    assert np.getbufsize() == before


def test_history_has_an_entry_for_each_epoch() -> None:
    """The history has epochs from 1, a falling loss, the schedule's rate, and validation."""
    recipe = RECIPES[2]
    run = new_run(recipe, validation=bars(50))
    run.train(lambda state: None)

    history = run.state.history
    assert [entry["epoch"] for entry in history] == list(range(1, recipe.epochs + 1))
    assert history[-1]["train_loss"] < history[0]["train_loss"]
    assert 0 <= history[0]["train_accuracy"] < history[-1]["train_accuracy"] <= 1
    assert history[-1]["validation_accuracy"] > 0.95
    assert history[-1]["validation_loss"] < history[0]["validation_loss"]
    assert history[-1]["learning_rate"] == pytest.approx(recipe.learning_rate * one_cycle(1))


@pytest.mark.parametrize(("batch_size", "blocks"), [(1, [512, 88]), (200, [400, 200]), (1000, [])])
def test_blocks_are_whole_batches(batch_size: int, blocks: list[int]) -> None:
    """A block has about 512 images in whole batches; the last one has the remainder."""
    recipe = dataclasses.replace(RECIPES[0], batch_size=batch_size, epochs=1)
    classifier = build(recipe.architecture, labels=DIGITS, rng=np.random.default_rng())
    images = []

    TrainingRun(classifier, bars(600), recipe, seed=0).train(
        lambda state: images.append(state.images)
    )

    assert images == [*blocks[:-1], 0]


@pytest.mark.parametrize("recipe", RECIPES, ids=range(len(RECIPES)))
@pytest.mark.parametrize("stop", [1, 3, 4])
def test_an_interrupted_run_is_resumed_exactly(recipe: Recipe, stop: int) -> None:
    """Interrupted after any block and resumed in a new object, the weights are the same bits."""
    recipe = dataclasses.replace(recipe, epochs=2, batch_size=16)

    class StopError(Exception):
        pass

    def after_block(state: TrainingState) -> None:
        left.append(state)
        if len(left) == stop:
            raise StopError

    left: list[TrainingState] = []
    whole = TrainingRun(make(recipe), bars(1100), recipe, seed=3)
    first = TrainingRun(make(recipe), bars(1100), recipe, seed=3)
    second = TrainingRun(make(recipe), bars(1100), recipe, seed=3)
    whole.train(lambda state: None)
    with pytest.raises(StopError):
        first.train(after_block)
    for name, array in second.arrays.items():
        array[...] = first.arrays[name]
    second.state = copy.deepcopy(first.state)
    second.train(lambda state: None)

    assert_array_equal(second.classifier.network.values, whole.classifier.network.values)
    assert second.state == whole.state


def test_every_block_has_a_generator_of_its_own() -> None:
    """A random layer gets a new generator for each block; the same seed gives the same ones."""

    class Recorder(Identity):
        def __init__(self) -> None:
            super().__init__()
            self.drawn: list[float] = []

        def use_generator(self, rng: np.random.Generator) -> None:
            self.drawn.append(rng.random())

    recorders = [Recorder() for _ in range(3)]
    recipe = dataclasses.replace(RECIPES[0], epochs=2, batch_size=16)
    for recorder, seed in zip(recorders, (3, 3, 4), strict=True):
        linear = Linear(196, 5, rng=np.random.default_rng(0))
        network = Sequential(Flatten(), recorder, linear)
        classifier = Classifier(network, labels=DIGITS, input_shape=(14, 14))
        TrainingRun(classifier, bars(1100), recipe, seed=seed).train(lambda state: None)

    first, again, other = (recorder.drawn for recorder in recorders)
    assert len(set(first)) == len(first) == 2 * 3
    assert again == first
    assert not set(first) & set(other)


def make(recipe: Recipe) -> Classifier:
    """Return a new classifier for a recipe."""
    return build(recipe.architecture, labels=DIGITS, rng=np.random.default_rng(5))


def test_the_final_weights_are_the_average() -> None:
    """With averaging the final weights differ from those without."""
    plain, _ = fitted(RECIPES[2])
    averaged, _ = fitted(RECIPES[-1])

    assert not np.array_equal(plain.network.values, averaged.network.values)


def test_after_a_few_steps_the_average_is_near_the_weights() -> None:
    """In a run of fifty steps the average is not dominated by the initial weights."""
    recipe = dataclasses.replace(RECIPES[-1], average=0.999)
    averaged, _ = fitted(recipe)

    assert evaluate(averaged, bars())["test_accuracy"] > 0.95


def test_a_loss_that_is_no_number_stops_the_run() -> None:
    """A diverged run raises an error with step, epoch, learning rate and a hint."""
    recipe = dataclasses.replace(RECIPES[0], learning_rate=1e30)

    with pytest.raises(
        NonFiniteLossError,
        match=r"got none in step \d+ \(epoch 1\) at learning rate 1e\+30; a smaller --learning",
    ):
        fitted(recipe)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "epochs: expected at least 1, got 0"),
        ({"batch_size": -1}, "batch_size: expected at least 1, got -1"),
        ({"learning_rate": 0.0}, "learning_rate: expected a number more than 0, got 0.0"),
        ({"learning_rate": float("nan")}, "learning_rate: expected a number more than 0, got nan"),
        ({"learning_rate": float("inf")}, "learning_rate: expected a number more than 0, got inf"),
        ({"momentum": 1.0}, "momentum: expected 0 to below 1, got 1.0"),
        ({"average": -0.5}, "average: expected 0 to below 1, got -0.5"),
        ({"rotation": -1.0}, "rotation: expected 0 or more, got -1.0"),
        ({"scale": 3.0}, "scale: expected at most 1, got 3.0"),
        ({"stroke": float("nan")}, "stroke: expected 0 or more, got nan"),
        ({"train_per_digit": 0}, "train_per_digit: expected at least 1, got 0"),
        ({"validation_per_digit": -1}, "validation_per_digit: expected 0 or more, got -1"),
        ({"weight_decay": -0.1}, "weight_decay: expected 0 or more, got -0.1"),
    ],
)
def test_a_value_out_of_bounds_is_refused(changes: dict[str, float], message: str) -> None:
    """An error names the hyper-parameter, its bounds and the value given."""
    with pytest.raises(RecipeError, match=message):
        get_recipe("dnn", "best", **changes)


def test_the_notebook_recipe_is_the_notebooks() -> None:
    """The recipe has the notebook's hyper-parameters."""
    recipe = get_recipe("cnn", "notebook")

    assert (recipe.train_per_digit, recipe.test_per_digit) == (2000, 500)
    assert (recipe.optimizer, recipe.learning_rate, recipe.batch_size) == ("sgd", 5e-4, 1)
    assert (recipe.schedule, recipe.epochs, recipe.weight_decay) == ("constant", 10, 0)


def network(rng: np.random.Generator) -> Sequential:
    """Return a network of one linear layer."""
    return Sequential(Linear(3, 4, rng=rng))


def test_sgd_follows_the_gradient(rng: np.random.Generator) -> None:
    """One SGD step moves by learning rate times gradient."""
    one = network(rng)
    before = one.values.copy()
    one.gradients[...] = 0.5

    SGD(one, momentum=0, weight_decay=0).step(0.1)

    assert_allclose(one.values, before - 0.05, rtol=1e-5)


OPTIMIZERS = [
    pytest.param({"optimizer": "sgd"}, "SGD", {}, id="sgd"),
    pytest.param({"optimizer": "sgd", "momentum": 0.9}, "SGD", {"momentum": 0.9}, id="momentum"),
    pytest.param({"optimizer": "adam"}, "Adam", {}, id="adam"),
    pytest.param({"optimizer": "adamw"}, "AdamW", {}, id="adamw"),
]


@pytest.mark.parametrize(("changes", "name", "options"), OPTIMIZERS)
def test_optimizers_agree_with_pytorch(
    changes: dict[str, Any], name: str, options: dict[str, Any], rng: np.random.Generator
) -> None:
    """Ten steps give PyTorch's parameters; weights decay, biases do not."""
    torch = pytest.importorskip("torch", reason="needs torch: pip install '.[compare]'")
    one = network(rng)
    start = {name: p.value.copy() for name, p in one.named_parameters()}
    theirs = {name: torch.nn.Parameter(torch.tensor(value)) for name, value in start.items()}
    groups = [{"params": [p], "weight_decay": 0.1 if p.ndim > 1 else 0.0} for p in theirs.values()]
    optimizer = getattr(torch.optim, name)(groups, lr=0.01, **options)
    ours = make_optimizer(get_recipe("dnn", "best", weight_decay=0.1, **changes), one)

    for _ in range(10):
        for key, parameter in one.named_parameters():
            parameter.grad[...] = rng.standard_normal(parameter.grad.shape, np.float32)
            theirs[key].grad = torch.tensor(parameter.grad.copy())
        ours.step(0.01)
        optimizer.step()

    for key, parameter in one.named_parameters():
        assert_allclose(parameter.value, theirs[key].detach().numpy(), atol=1e-6)


def test_the_cosine_falls() -> None:
    """The cosine schedule falls from 1 over a half to 0."""
    assert [cosine(0), cosine(0.5), cosine(1)] == pytest.approx([1, 0.5, 0])


def test_one_cycle_rises_and_falls() -> None:
    """One cycle starts at 1/25, peaks at 30 % and ends near 0."""
    assert constant(0.7) == 1
    assert one_cycle(0) == pytest.approx(1 / 25)
    assert one_cycle(0.3) == pytest.approx(1)
    assert one_cycle(1) == pytest.approx(1e-4)


@pytest.mark.parametrize(
    ("part", "expected"), [(slice(0, 2), [1, 3, 0, 2]), (slice(-1, None), [3, 5])]
)
def test_select_takes_a_part_of_each_digit(part: slice, expected: list[int]) -> None:
    """Images are ordered by digit, and in file order within a digit; classes count digits."""
    labels = np.array([3, 1, 3, 1, 9, 3], np.uint8)
    images = np.arange(6, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8)

    dataset = select(images, labels, digits=(1, 3), part=part).downsampled()

    assert_allclose(dataset.images[:, 0, 0] * 255, expected)
    assert_array_equal(dataset.classes, np.repeat([0, 1], len(expected) // 2))


def test_validation_images_are_not_trained_on() -> None:
    """Training and validation images of a digit are disjoint and complete."""
    recipe = get_recipe("cnn", "best", validation_per_digit=2)
    indices = np.arange(7)

    assert_array_equal(indices[recipe.train_part], [0, 1, 2, 3, 4])
    everything = get_recipe("cnn", "best", validation_per_digit=0)
    assert_array_equal(indices[everything.train_part], indices)
