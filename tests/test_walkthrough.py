"""docs/walkthrough.ipynb: the original experiment, executed as its readers do."""

import os
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "docs" / "walkthrough.ipynb"

# Largest difference of an accuracy on another machine: 25 of the 2,500 test images.
MARGIN = 0.01


def printed(notebook: Any) -> str:
    """Return what all cells of a notebook have printed."""
    outputs = [one for cell in notebook.cells for one in cell.get("outputs", ())]
    return "".join(one["text"] for one in outputs if one["output_type"] == "stream")


def accuracies(notebook: Any) -> dict[str, float]:
    """Return the accuracies in the last table of a notebook."""
    table = printed(notebook).partition("here    notebook\n")[2]
    rows = re.findall(r"^(\S.*?)  +(0\.\d{4})", table, re.MULTILINE)
    return {name: float(value) for name, value in rows}


def test_the_walkthrough_runs_and_gives_its_figures(mnist_dir: Path) -> None:
    """All cells run; the accuracies are those of the committed outputs, and near the notebook's."""
    committed = nbformat.read(NOTEBOOK, as_version=4)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    environment = os.environ | {"DIGITS_DATA": str(mnist_dir), "PYTHONPATH": str(ROOT)}

    NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(NOTEBOOK.parent)}},
    ).execute(env=environment)

    got, expected = accuracies(notebook), accuracies(committed)
    assert len(got) == 5
    assert got == pytest.approx(expected, abs=MARGIN)
    assert got["DNN, batch 1"] == pytest.approx(0.9628, abs=MARGIN)
    assert got["CNN, filters redrawn at each call"] < got["DNN, batch 1"] < got["CNN, batch 1"]
    assert "normalised: 4\n" in printed(notebook)
    assert printed(notebook).endswith("4 accept 1.0000\nabstain blank\n")


def test_the_committed_walkthrough_has_small_outputs() -> None:
    """Every cell of code was run in order, without an error; the file is small."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]

    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert NOTEBOOK.stat().st_size < 300_000
    kinds = {one["output_type"] for cell in code for one in cell.outputs}
    assert kinds == {"stream", "display_data"}
    assert not re.search(r"/(home|root|work|tmp)/", NOTEBOOK.read_text())
