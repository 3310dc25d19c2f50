"""``python -m training`` without the packages of its extra."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from model_core.weights import pretrained_dir

ROOT = Path(__file__).parents[2]
WEIGHTS = str(pretrained_dir() / "dnn.safetensors")


@pytest.mark.parametrize(
    ("package", "arguments"),
    [
        ("typer", ["--help"]),
        ("rich", ["fit", "dnn"]),
        ("platformdirs", ["data"]),
        ("httpx", ["data", "--data", "empty"]),
        ("matplotlib", ["report", WEIGHTS]),
        ("jinja2", ["report", WEIGHTS]),
        ("onnx", ["export", WEIGHTS, "x.onnx"]),
    ],
)
def test_a_missing_package_is_an_error_in_one_line(
    tmp_path: Path, package: str, arguments: list[str]
) -> None:
    """The error names the package and the command that installs it, with exit code 1."""
    # Python imports sitecustomize when it starts; None makes every import of the name fail.
    hook = f"import sys; sys.modules[{package!r}] = None"
    (tmp_path / "sitecustomize.py").write_text(hook)
    (tmp_path / "empty").mkdir()

    done = subprocess.run(
        [sys.executable, "-m", "training", *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == (
        f"error: package {package}: expected to be installed, got no such package; "
        "pip install '.[train]' installs everything that training needs\n"
    )
