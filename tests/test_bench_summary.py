"""The summary of the benchmarks: the machine, the versions, and every ratio with its module."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from benchmarks import inference, summary
from benchmarks.table import Row, print_rows


def test_rows_with_a_ratio_are_in_the_summary(capsys: pytest.CaptureFixture[str]) -> None:
    """A mere figure is printed by its part only; a ratio appears with the name of the module."""
    rows = print_rows([Row("the limit", "9 requests/s"), Row("raw body", "3", "0.33 of the limit")])
    part = capsys.readouterr().out
    summary.print_summary(["a machine"], {"serving": rows})
    printed = capsys.readouterr().out

    assert "| the limit | 9 requests/s |  |" in part
    assert "the limit | 9" not in printed
    assert "- a machine" in printed
    assert "| serving: raw body | 3 | 0.33 of the limit |" in printed


def test_the_machine_is_described() -> None:
    """Cores and load, the kernel of the BLAS, and the version of each package are named."""
    computer, interpreter, packages = summary.machine()

    assert "cores, load" in computer
    assert "openblas" in interpreter
    assert f"numpy {np.__version__}" in packages


def test_each_part_is_a_benchmark_of_its_own() -> None:
    """The parts are modules with the rows that the summary asks for."""
    for name in summary.parts(Path()):
        assert callable(import_module(f"benchmarks.{name}").rows)


@pytest.mark.parametrize("network", [inference.NOTEBOOK, *inference.SHIPPED])
def test_every_system_infers_the_same_network(network: str) -> None:
    """All installed systems give our probabilities, for a picture and for a batch."""
    pytest.importorskip("onnxruntime")

    for batch in (1, 16):
        times = inference.measure(inference.systems(network), batch, rounds=1)

        assert min(times.values()) > 0
        assert {"digitserve", "ONNX Runtime"} <= times.keys()
