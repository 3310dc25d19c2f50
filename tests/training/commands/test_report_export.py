"""The commands `report` and `export`: output, files, errors."""

import os
import subprocess
import sys
from pathlib import Path

import onnxruntime
import pytest
from typer.testing import CliRunner, Result

from model_core.weights import pretrained_dir
from training.commands.application import application

ROOT = Path(__file__).parents[3]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty current directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: object) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(application, list(map(str, arguments)))


def test_report_says_what_it_found_and_where(here: Path, mnist_dir: Path) -> None:
    """By default the report is in the current directory, named after the weights file."""
    done = run("report", pretrained_dir() / "dnn.safetensors", "--data", mnist_dir)

    assert done.exit_code == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert "of 5,139 test images wrong, calibration error 0." in first
    assert second == f"{Path('dnn-report', 'index.html')}: open it in a browser"
    assert (here / "dnn-report" / "index.html").is_file()


def test_export_writes_a_model_that_runs(here: Path) -> None:
    """The file loads in onnxruntime, and has the documented inputs and outputs."""
    done = run("export", pretrained_dir() / "cnn.safetensors", "model.onnx")

    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("model.onnx: ONNX, ")
    assert done.stdout.endswith(" bytes, probabilities of the digits 0, 1, 2, 3, 4\n")
    session = onnxruntime.InferenceSession(here / "model.onnx", providers=["CPUExecutionProvider"])
    assert [(i.name, i.shape) for i in session.get_inputs()] == [("images", ["N", 14, 14])]
    outputs = [(output.name, output.shape) for output in session.get_outputs()]
    assert outputs == [("probabilities", ["N", 5]), ("none_of_them", ["N", 1])]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["report", "gone.safetensors"], "error: gone.safetensors: expected a weights file"),
        (["export", "gone.safetensors", "x.onnx"], "error: gone.safetensors: expected a weights"),
        (
            ["export", pretrained_dir() / "dnn.safetensors", "gone/x.onnx"],
            f"error: {Path('gone', 'x.onnx')}: expected a file that can be written, got: No such",
        ),
    ],
)
def test_what_cannot_be_done_is_refused(here: Path, arguments: list[object], message: str) -> None:
    """An error is one line with exit code 1, and nothing is written."""
    done = run(*arguments)

    assert done.exit_code == 1
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1
    assert not os.listdir(here)


def test_training_does_not_wait_for_plots_and_onnx() -> None:
    """The command line starts without the libraries that only these commands need."""
    code = "import sys, training.commands.application; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )

    assert "training.commands.application" in done.stdout
    assert not {"matplotlib", "jinja2", "onnx"} & set(done.stdout.split())
