"""The command line on the real data: output, files, errors."""

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from model_core.weights import load_weights, pretrained_dir
from tests.support.models import SHIPPED
from training.hyper_parameters import hyper_parameters
from training.recipes import Recipe

COMMAND = [sys.executable, "-m", "training"]


def run(
    *arguments: object, data: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command with a fixed date, so that the bytes do not depend on the day."""
    environment |= {"DIGITS_DATA": str(data)} if data else {}
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000", "COLUMNS": "200"} | environment,
        timeout=300,
        check=False,
    )


def last_json(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return the object on the last line of standard output."""
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


# Enough images to learn from in one epoch of `best`; drawing the recipe's number takes a minute.
DRAWN = ("--clutter", 500, "--pens", 100, "--handwriting", 800, "--printed", 60)
SHORT = (*DRAWN, "--train-per-digit", 1800, "--others", 1000)
# Some of each kind, of which nothing is learnt.
FEW = ("--clutter", 100, "--pens", 40, "--handwriting", 150, "--printed", 20, "--others", 150)


@pytest.mark.parametrize(
    ("model", "recipe", "images", "least"),
    [
        ("dnn", "notebook", 2500, 0.80),
        ("cnn", "notebook", 2500, 0.90),
        ("dnn", "best", 5139, 0.97),
        ("cnn", "best", 5139, 0.99),
    ],
)
def test_one_epoch_of_each_recipe(
    tmp_path: Path, mnist_dir: Path, model: str, recipe: str, images: int, least: float
) -> None:
    """One epoch learns, the report is complete, and `evaluate` measures the same."""
    out = tmp_path / "model.safetensors"
    few = SHORT if recipe == "best" else ()
    arguments = ("--recipe", recipe, "--data", mnist_dir, "--out", out, "--epochs", 1, "--json")

    fitted = run("fit", model, *few, *arguments)
    result = last_json(fitted)
    evaluated = last_json(run("evaluate", out, "--data", mnist_dir, "--json"))

    assert re.fullmatch(
        rf"{model}, {recipe}: epoch 1/1  loss [0-9.]+  accuracy [0-9.]+%  "
        r"(validation [0-9.]+%  )?[0-9,]+ images/s\n",
        fitted.stderr,
    )
    assert (result["model"], result["recipe"], result["epochs"]) == (model, recipe, 1)
    assert result["test_images"] == images
    assert result["test_accuracy"] > least
    assert result["test_errors"] == round(images * (1 - result["test_accuracy"]))
    assert result["train_seconds"] > 0
    assert result["path"] == str(out)
    assert result["sha256"] == load_weights(out).sha256
    assert evaluated == {key: result[key] for key in evaluated}
    assert (result["test_others_abstained"] > 0.4) == (recipe == "best")
    assert result["test_abstained"] < 0.02


def test_the_same_seed_gives_the_same_file(tmp_path: Path, mnist_dir: Path) -> None:
    """Two processes with the same seed write the same bytes; another seed gives others."""
    results = []
    sizes = ("--train-per-digit", 100, "--test-per-digit", 100)
    options = (*FEW, *sizes, "--epochs", 1)
    for number, seed in enumerate((4, 4, 5)):
        out = tmp_path / f"{number}.safetensors"
        run("fit", "dnn", *options, "--seed", seed, "--out", out, "--data", mnist_dir)
        results.append(out.read_bytes())

    assert results[0] == results[1]
    assert results[0] != results[2]


def test_versions_are_numbered(tmp_path: Path, mnist_dir: Path) -> None:
    """A new file is version 1, its successor 2; ``--version`` sets another one."""
    out = tmp_path / "dnn.safetensors"
    options = ["--recipe", "notebook", "--epochs", 1, "--train-per-digit", 5]
    versions = []
    for given in ((), (), ("--version", 7), ()):
        run("fit", "dnn", *options, *given, "--out", out, "--data", mnist_dir)
        versions.append(load_weights(out).card.version)

    assert versions == ["1", "2", "7", "8"]


def test_ctrl_c_leaves_the_old_file(tmp_path: Path, mnist_dir: Path) -> None:
    """SIGINT in the middle of training: exit code 130, one line, nothing written."""
    out = tmp_path / "cnn.safetensors"
    out.write_bytes(b"old")
    options = ["--recipe", "notebook", "--epochs", "1000", "--train-per-digit", "100"]
    arguments = ["fit", "cnn", "--data", str(mnist_dir), "--out", str(out), *options]
    process = subprocess.Popen([*COMMAND, *arguments], stderr=subprocess.PIPE, text=True)
    assert process.stderr
    assert process.stderr.readline().startswith("cnn, notebook: epoch 1/1000 ")

    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)

    assert process.returncode == 130
    assert stderr.endswith(f"interrupted: {out} was not written\n")
    assert out.read_bytes() == b"old"
    assert os.listdir(tmp_path) == [out.name]


def test_data_says_what_it_verified(mnist_dir: Path) -> None:
    """`data` names the directory and the number of images."""
    done = run("data", DIGITS_DATA=str(mnist_dir))

    assert done.returncode == 0
    assert done.stdout == (
        f"{mnist_dir}: 60,000 training and 10,000 test images, complete and verified\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["fit", "rnn"], 2, "'rnn' is not one of 'dnn', 'cnn'"),
        (["fit", "dnn", "--epochs", "0"], 1, "error: epochs: expected at least 1, got 0\n"),
        (["fit", "dnn", "--batch-size", "-3"], 1, "batch_size: expected at least 1, got -3\n"),
        (["fit", "dnn", "--epochs", "x"], 2, "'--epochs': Input should be a valid integer"),
        (["fit", "dnn", "--learning-rate", "-1"], 1, "learning_rate: expected a number more than"),
        (["fit", "dnn", "--clutter", "0"], 1, "clutter: expected at least 1 where others is more"),
        (["fit", "dnn", "--average", "1"], 1, "average: expected 0 to below 1, got 1.0\n"),
        (["fit", "dnn", "--digits", "0-12"], 2, "expected digits like 0-4 or 1,3,7-9, got '0-12'"),
        (["fit", "dnn", "--digits", "3"], 2, "expected at least two digits to tell apart, got '3'"),
        (["fit", "dnn", "--optimizer", "lion"], 2, "'lion' is not one of 'sgd', 'adam', 'adamw'"),
        (["fit", "dnn", "--resume"], 2, "'--resume': expected --checkpoint DIR with it"),
        (["fit", "dnn", "--out", "/no/such/dir/x"], 1, "expected a file in a directory that can"),
        (["fit", "dnn", "--out", "x", "--into", "y"], 2, "'--into': expected no --out with it"),
        (["fit", "dnn", "--into", "/no/such"], 1, "expected a directory of models that can be"),
        (["fit", "dnn", "--from", "gone"], 1, "error: gone: expected a weights file, got No such"),
        (["compare", "--repeat", "0"], 1, "error: repeat: expected at least 1, got 0\n"),
        (["compare", "--out", "/no/such"], 1, "--out /no/such: expected a directory, got none\n"),
        (["evaluate", "gone.safetensors"], 1, "error: gone.safetensors: expected a weights file"),
        (["evaluate", "pyproject.toml"], 1, "expected a complete safetensors file"),
    ],
)
def test_bad_arguments_are_refused(arguments: list[str], code: int, message: str) -> None:
    """The message says what was expected; there is no traceback."""
    done = run(*arguments)

    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_corrections_that_cannot_be_read_stop_the_run(tmp_path: Path, mnist_dir: Path) -> None:
    """One line with exit code 1, before anything is trained, and nothing is written."""
    (tmp_path / "3").mkdir()
    (tmp_path / "3" / "one.png").write_bytes(b"no picture")

    done = run("fit", "dnn", "--also", tmp_path, "--out", tmp_path / "x", data=mnist_dir)

    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {tmp_path}: expected pictures as <label>/<file>, ")
    assert "3/one.png: image: expected PNG" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "x").exists()


def test_broken_data_is_named(tmp_path: Path) -> None:
    """A truncated file in --data is an error in one line that names it."""
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03")
    for name in ("train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
        (tmp_path / name).write_bytes(b"")

    done = run("fit", "dnn", "--data", tmp_path, "--out", tmp_path / "x")

    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {tmp_path}/train-images-idx3-ubyte: expected")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_card_is_that_of_the_weights(name: str) -> None:
    """The committed model card equals the output of `card` for the committed weights."""
    path = pretrained_dir() / f"{name}.safetensors"

    printed = run("card", path).stdout

    assert printed == path.with_suffix(".md").read_text()


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_weights_are_as_good_as_they_say(name: str, mnist_dir: Path) -> None:
    """`evaluate` measures the accuracy stated on the model card."""
    path = pretrained_dir() / f"{name}.safetensors"

    result = last_json(run("evaluate", path, "--data", mnist_dir, "--json"))

    assert result["test_accuracy"] == load_weights(path).card.metrics["test_accuracy"]


def test_help_explains_every_hyper_parameter() -> None:
    """Each has its option, with a description, and the default of each recipe."""
    printed = " ".join(re.sub("[│╭╮╰╯─]", " ", run("fit", "--help").stdout).split())

    parameters = hyper_parameters(Recipe)
    assert {field.name for field in dataclasses.fields(Recipe)} == {
        *(parameter.name for parameter in parameters),
        "name",
        "architecture",
    }
    for parameter in parameters:
        assert f"--{parameter.name.replace('_', '-')}" in printed
        assert f"{parameter.metadata['description']} Default: " in printed
    assert (
        "At the peak of the schedule, per step. Default: 0.0005 (notebook, fine-tune), 0.004 ("
        in printed
    )


def test_other_digits_are_trained_with_the_same_code(tmp_path: Path, mnist_dir: Path) -> None:
    """--digits 0-9 gives a model of ten labels, evaluated on all test images."""
    out = tmp_path / "ten.safetensors"

    options = ["--digits", "0-9", "--epochs", 1, "--train-per-digit", 1800, "--out", out, "--json"]
    result = last_json(run("fit", "dnn", *FEW, *options, data=mnist_dir))

    assert load_weights(out).card.labels == tuple(range(10))
    assert result["test_images"] == 10_000
    assert result["test_accuracy"] > 0.9


def test_a_diverging_run_says_where_and_leaves_no_file(tmp_path: Path, mnist_dir: Path) -> None:
    """Exit code 1 and one line: step, learning rate, hint; the old weights stay."""
    out = tmp_path / "dnn.safetensors"
    out.write_bytes(b"old")

    options = ["--recipe", "notebook", "--learning-rate", "1e20", "--out", out]
    done = run("fit", "dnn", *options, data=mnist_dir)

    assert done.returncode == 1
    assert re.fullmatch(r"error: loss: .* step \d+ .* rate 1e\+20; .*\n", done.stderr)
    assert out.read_bytes() == b"old"
