"""The comparison of frameworks: equal work, complete measurements."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from rich.console import Console

from tests.support.small_mnist import SMALL_MNIST
from training.compare import backends, command, systems
from training.compare.comparison import Comparison, compare, epochs_of
from training.compare.measure import Row
from training.compare.page import check_directory, write_page
from training.compare.runner import Runner
from training.compare.systems import DIGITSERVE, JAX, KERAS, PYTORCH, SYSTEMS, System
from training.compare.table import markdown, terminal_table
from training.compare.workload import CNN, DNN, KERAS_CNN, KERAS_CNN_64, PUBLISHED, Task, Workload
from training.data.dataset import Dataset
from training.errors import OutputError, RecipeError

FRAMEWORKS = ("jax", "keras", "torch")
NOWHERE = System("Nowhere", ("no_such_framework",), "nowhere:Runner")


def noise(count: int) -> Dataset:
    """Return random images with random classes."""
    rng = np.random.default_rng(3)
    return Dataset(rng.random((count, 14, 14), np.float32), rng.integers(0, 5, count))


def started(system: System) -> Callable[[Task], Runner]:
    """Return the runner class of a system, or skip."""
    if not system.installed():
        package = system.imports[0]
        pytest.skip(f"needs {package}: pip install '.[compare]'")
    return system.start()


@pytest.mark.parametrize("work", [DNN, CNN, KERAS_CNN], ids=lambda work: work.architecture)
@pytest.mark.parametrize("system", [PYTORCH, KERAS, JAX], ids=lambda system: system.name)
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't:DeprecationWarning")  # Keras
def test_every_system_learns_the_same(system: System, work: Workload) -> None:
    """From the same weights and the same order of images, every system gets the same weights."""
    task = Task(dataclasses.replace(work, batch_size=min(work.batch_size, 4)), noise(34))
    theirs, ours = started(system)(task), started(DIGITSERVE)(task)
    start = [value.copy() for value in ours.weights()]
    assert theirs.settle()  # which trains nothing but copies
    for value, other in zip(start, theirs.weights(), strict=True):
        assert_allclose(other, value)

    ours.train_epoch(task.order())
    theirs.train_epoch(task.order())

    moved = [np.abs(new - old).max() for new, old in zip(ours.weights(), start, strict=True)]
    assert min(moved) > 1e-4
    for value, other in zip(ours.weights(), theirs.weights(), strict=True):
        assert_allclose(other, value, atol=1e-5)
    assert_allclose(theirs.logits(task.dataset.images), ours.logits(task.dataset.images), atol=1e-4)


def test_the_order_of_the_images_matters_and_is_given() -> None:
    """Another order gives other weights; every epoch has its own order."""
    task = Task(DNN, noise(20))
    runners = [started(DIGITSERVE)(task) for _ in range(2)]
    rngs = task.order(), np.random.default_rng(99)

    for runner, rng in zip(runners, rngs, strict=True):
        runner.train_epoch(rng)

    first, other = (runner.weights() for runner in runners)
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(rngs[0].permutation(20), task.order().permutation(20))


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Return a comparison of digitserve with a framework that is not installed."""
    return compare(
        noise(70), noise(10), epochs=3, works=(DNN, KERAS_CNN_64), systems=(DIGITSERVE, NOWHERE)
    )


def test_a_missing_framework_is_a_row_that_says_so(comparison: Comparison) -> None:
    """A framework that is not installed has a row without numbers in every workload."""
    lines = markdown(comparison).splitlines()

    for work in (DNN, KERAS_CNN_64):
        assert f"| {work.title} | Nowhere | not installed |  |  |  |" in lines


def test_installed_frameworks_are_found_without_importing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras without a backend is not installed; nothing is imported to find out."""
    present = {"keras"}
    monkeypatch.setattr(systems, "find_spec", lambda name: name in present or None)
    monkeypatch.setattr(backends, "find_spec", lambda name: name in present or None)
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    assert not any(system.installed() for system in (PYTORCH, KERAS, JAX))

    present.add("torch")
    assert PYTORCH.installed()
    assert KERAS.installed()
    assert backends.keras_backend() == "torch"

    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    assert not KERAS.installed()


def test_the_runner_of_every_system_exists() -> None:
    """The runner class of every system exists, with its framework installed or not."""
    for system in SYSTEMS:
        module, _, name = system.runner.partition(":")
        path = Path(*module.split(".")).with_suffix(".py")
        assert f"class {name}:" in (Path(__file__).parents[2] / path).read_text()


def test_measurements_are_complete(comparison: Comparison) -> None:
    """The ratio of digitserve is 1, and every figure is in the object and in the JSON."""
    ours = [row for row in comparison.rows if row.system == "digitserve"]
    text = json.loads(json.dumps(comparison.as_json()))

    assert [row.ratio for row in ours] == [1, 1]
    for row in ours:
        assert 0 <= (row.accuracy or 0) <= 1
        assert min(row.epoch_seconds or 0, row.startup_seconds or 0) > 0
    fields = {field.name for field in dataclasses.fields(Row)}
    assert [set(row) for row in text["rows"]] == [fields] * 4
    assert {"date", "processor", "system", "python", "numpy"} <= set(text["machine"])
    assert (text["epochs"], text["train_images"], text["test_images"]) == (3, 70, 10)
    assert [figure["accuracy"] for figure in text["published"]] == [0.9628, 0.8644, 0.9624, 0.9528]


def test_the_notebooks_figures_stand_beside(comparison: Comparison) -> None:
    """Each published result of the notebook has its row in Markdown and on a terminal."""
    stream = StringIO()
    console = Console(width=200, file=stream)
    console.print(terminal_table(comparison))
    shown = stream.getvalue()

    for figure in PUBLISHED:
        for text in (markdown(comparison), shown):
            assert f"{figure.work}, {figure.system}" in text
            assert f"{figure.accuracy:.4f}" in text


def test_the_page_and_its_picture_are_written(comparison: Comparison, tmp_path: Path) -> None:
    """The page has the table and the machine, and the chart is a PNG."""
    write_page(comparison, tmp_path)

    page = (tmp_path / "comparison.md").read_text()
    assert markdown(comparison) in page
    assert f"| processor | {comparison.machine['processor']} |" in page
    assert (tmp_path / "comparison.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["comparison.md", "comparison.png"]


def test_the_command_prints_writes_and_ends_with_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a terminal the table is Markdown, and the last line is one JSON object."""
    few = partial(compare, works=(DNN,), systems=(DIGITSERVE, NOWHERE))
    monkeypatch.setattr(command, "compare", few)
    monkeypatch.setattr(command, "load_mnist", lambda _: SMALL_MNIST)

    command.run_comparison(None, repeat=2, out=tmp_path, as_json=True)

    *table, last = capsys.readouterr().out.splitlines()
    assert f"| {DNN.title} | Nowhere | not installed |  |  |  |" in table
    assert [row["system"] for row in json.loads(last)["rows"]] == ["digitserve", "Nowhere"]
    assert (tmp_path / "comparison.md").exists()


def test_bad_arguments_are_refused(tmp_path: Path) -> None:
    """An invalid argument is an error with the expected and the given value."""
    with pytest.raises(RecipeError, match="repeat: expected at least 1, got 0"):
        epochs_of(0)
    with pytest.raises(OutputError, match="expected a directory, got none"):
        check_directory(tmp_path / "gone")

    assert epochs_of(None) == 10


def test_training_starts_without_the_frameworks() -> None:
    """The command line does not import the comparison when it starts."""
    code = "import sys, training.commands.application; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()

    assert "training.commands.compare" in loaded
    assert not [name for name in loaded if name.startswith(("training.compare", *FRAMEWORKS))]
