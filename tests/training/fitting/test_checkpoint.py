"""Checkpoints: resuming killed and interrupted runs; corrupt and foreign checkpoints."""

import dataclasses
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from model_core.architectures import build
from model_core.classifier import Classifier
from model_core.layers import Dropout, Flatten, Linear, ReLU
from model_core.network import Sequential
from model_core.weights import load_weights
from tests.training.fitting.test_loop import bars
from training.errors import CheckpointError
from training.fitting.checkpoint import FILE, Checkpoint
from training.fitting.interruption import DeferredInterrupt
from training.fitting.loop import TrainingRun, TrainingState
from training.recipes import Recipe, get_recipe

RECIPE = get_recipe("dnn", "best", epochs=3, batch_size=16, average=0.9)


def new_run(recipe: Recipe = RECIPE, *, seed: int = 1) -> TrainingRun:
    """Return a new training run."""
    classifier = build(recipe.architecture, labels=(0, 1, 2, 3, 4), rng=np.random.default_rng(seed))
    return TrainingRun(classifier, bars(600), recipe, seed=seed)


def test_a_checkpoint_restores_the_run(tmp_path: Path) -> None:
    """Weights, average, optimizer and state are restored bit for bit."""
    run, other = new_run(), new_run()
    run.train(lambda state: None)

    Checkpoint(tmp_path / "deep" / "er", resume=False).save(run)
    Checkpoint(tmp_path / "deep" / "er", resume=True).restore(other)

    assert other.state == run.state
    assert other.arrays.keys() == {"optimizer.0", "optimizer.1", "optimizer.2", "average", "values"}
    for name, array in run.arrays.items():
        assert_array_equal(other.arrays[name], array)


def dropout_run(*, seed: int = 1) -> TrainingRun:
    """Return a new training run of a network with two dropout layers."""
    rng = np.random.default_rng(seed)
    layers = (Dropout(0.1), Linear(196, 32, rng=rng), ReLU(), Dropout(0.5), Linear(32, 5, rng=rng))
    network = Sequential(Flatten(), *layers)
    classifier = Classifier(network, labels=(0, 1, 2, 3, 4), input_shape=(14, 14))
    return TrainingRun(classifier, bars(1100), RECIPE, seed=seed)


def trained(run: TrainingRun, directory: Path, *, stop: int | None = None) -> bytes:
    """Train, to the end or until ``stop`` blocks are done, and return the checkpoint's bytes."""
    checkpoint = Checkpoint(directory, resume=True)
    blocks = 0

    def after_block(state: TrainingState) -> None:
        nonlocal blocks
        blocks += 1
        if blocks == stop:
            raise KeyboardInterrupt

    checkpoint.restore(run)
    if stop is None:
        run.train(after_block)
    else:
        with pytest.raises(KeyboardInterrupt):
            run.train(after_block)
    checkpoint.save(run)
    return checkpoint.path.read_bytes()


@pytest.mark.parametrize("stops", [[1], [3], [2, 1, 4]], ids=str)
def test_a_network_with_dropout_is_resumed_exactly(tmp_path: Path, stops: list[int]) -> None:
    """Interrupted after some blocks and resumed in new objects, the run gives the same bytes."""
    whole = trained(dropout_run(), tmp_path / "whole")

    for stop in stops:
        trained(dropout_run(), tmp_path / "parts", stop=stop)
    resumed = trained(dropout_run(), tmp_path / "parts")

    assert resumed == whole


def test_the_seed_decides_the_masks_of_dropout(tmp_path: Path) -> None:
    """The same seed gives the same bytes; a run without dropout ends at other weights."""
    one, again, other = (
        trained(dropout_run(seed=seed), tmp_path / str(number))
        for number, seed in enumerate((1, 1, 2))
    )
    plain = dropout_run()
    for layer in plain.classifier.network.layers:
        if isinstance(layer, Dropout):
            layer.p = 0.0

    assert one == again
    assert one != other
    assert trained(plain, tmp_path / "plain") != one


def test_without_a_checkpoint_a_run_starts(tmp_path: Path) -> None:
    """--resume without a checkpoint is no error: the run starts anew."""
    run = new_run()

    Checkpoint(tmp_path, resume=True).restore(run)

    assert run.state == new_run().state


def test_another_run_does_not_overwrite_a_checkpoint(tmp_path: Path) -> None:
    """Without --resume an existing checkpoint is an error, and is not changed."""
    Checkpoint(tmp_path, resume=False).save(new_run())

    with pytest.raises(CheckpointError, match="got that of another run; go on with it by --resume"):
        Checkpoint(tmp_path, resume=False)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (
            new_run(dataclasses.replace(RECIPE, learning_rate=0.5)),
            "learning_rate: expected 0.004 as in the checkpoint, got 0.5",
        ),
        (new_run(seed=2), "seed: expected 1 as in the checkpoint, got 2"),
    ],
)
def test_a_checkpoint_belongs_to_one_run(tmp_path: Path, run: TrainingRun, message: str) -> None:
    """A run with another recipe or seed is refused; the error has both values."""
    Checkpoint(tmp_path, resume=False).save(new_run())

    with pytest.raises(CheckpointError, match=message):
        Checkpoint(tmp_path, resume=True).restore(run)


def test_a_checkpoint_of_another_layout_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkpoint whose kernels are in another order in memory would mix them up."""
    monkeypatch.setattr("training.fitting.checkpoint.KERNEL_LAYOUT", "OIHW")
    Checkpoint(tmp_path, resume=False).save(new_run())
    monkeypatch.undo()

    with pytest.raises(CheckpointError, match=r"kernel_layout: expected OIHW .* got HIWO"):
        Checkpoint(tmp_path, resume=True).restore(new_run())


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_broken_checkpoint_is_named(tmp_path: Path, damage: str) -> None:
    """A truncated, changed or empty checkpoint is an error that names the file."""
    Checkpoint(tmp_path, resume=False).save(new_run())
    path = tmp_path / FILE
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    broken = {"cut": content[:-9], "flip": content, "empty": bytearray()}
    path.write_bytes(broken[damage])

    with pytest.raises(CheckpointError, match=rf"{path}: .*expected"):
        Checkpoint(tmp_path, resume=True).restore(new_run())


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file in place of the directory is an error that names it."""
    (tmp_path / "file").touch()

    with pytest.raises(CheckpointError, match="file: expected a directory, got: File exists"):
        Checkpoint(tmp_path / "file", resume=False)


def test_a_second_ctrl_c_breaks_off() -> None:
    """The first Ctrl-C is deferred, the second raises KeyboardInterrupt."""
    with DeferredInterrupt() as interruption:
        os.kill(os.getpid(), signal.SIGINT)
        assert interruption.requested
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


ARGUMENTS = ["fit", "cnn", "--recipe", "notebook", "--epochs", "3", "--train-per-digit", "300"]
ARGUMENTS += ["--average", "0.99", "--rotation", "10", "--validation-per-digit", "20"]


def start(mnist: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    """Start a short training run."""
    command = [sys.executable, "-m", "training", *ARGUMENTS, "--data", str(mnist)]
    return subprocess.Popen(
        [*command, "--out", str(out), *more],
        env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000"},
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_epochs(process: subprocess.Popen[str], count: int) -> None:
    """Wait until a run has reported the end of a number of epochs, one line each."""
    assert process.stderr
    for _ in range(count):
        assert "epoch" in process.stderr.readline()


def finish(process: subprocess.Popen[str], *, within: float = 120) -> int:
    """Wait for a run and return its exit code; kill it after ``within`` seconds."""
    try:
        process.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    return process.returncode


def test_a_killed_run_is_resumed_to_the_same_file(tmp_path: Path, mnist_dir: Path) -> None:
    """A run killed repeatedly at random moments and resumed writes the same bytes."""
    whole, out = tmp_path / "whole.safetensors", tmp_path / "out.safetensors"
    more = ["--checkpoint", str(tmp_path / "kept"), "--resume"]
    rng = np.random.default_rng()
    assert finish(start(mnist_dir, whole)) == 0

    first = start(mnist_dir, out, *more)
    wait_for_epochs(first, 2)  # the checkpoint of the first is written before the second starts
    codes = [finish(first, within=0)]
    assert (tmp_path / "kept" / FILE).exists()
    while codes[-1] != 0:
        within = len(codes) + rng.uniform(0, 1)
        codes.append(finish(start(mnist_dir, out, *more), within=within))

    assert set(codes[:-1]) == {-signal.SIGKILL}
    assert out.read_bytes() == whole.read_bytes()


def test_a_run_resumed_after_it_wrote_its_file_writes_the_same(
    tmp_path: Path, mnist_dir: Path
) -> None:
    """It keeps its version, though a file of that version is at ``--out``; a new run counts on."""
    out, kept = tmp_path / "out.safetensors", str(tmp_path / "kept")
    assert finish(start(mnist_dir, out, "--checkpoint", kept)) == 0
    written = out.read_bytes()

    assert finish(start(mnist_dir, out, "--checkpoint", kept, "--resume")) == 0
    assert out.read_bytes() == written

    assert finish(start(mnist_dir, out)) == 0
    assert load_weights(out).card.version == "2"


def test_ctrl_c_keeps_a_checkpoint(tmp_path: Path, mnist_dir: Path) -> None:
    """Ctrl-C saves a checkpoint, and the printed command resumes to the same bytes."""
    whole, out = tmp_path / "whole.safetensors", tmp_path / "out.safetensors"
    kept = tmp_path / "kept"
    assert finish(start(mnist_dir, whole)) == 0

    process = start(mnist_dir, out, "--checkpoint", str(kept))
    wait_for_epochs(process, 1)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    resumed = finish(start(mnist_dir, out, "--checkpoint", str(kept), "--resume"))

    assert process.returncode == 130
    assert stderr.endswith(f"was not written; go on with --checkpoint {kept} --resume\n")
    assert resumed == 0
    assert out.read_bytes() == whole.read_bytes()
