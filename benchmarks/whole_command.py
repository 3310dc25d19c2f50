"""Time from process start to weights on disk for the notebook's recipe, ours and the peers'.

Run with ``python -m benchmarks.whole_command [--data DIR] [--epochs N] [--repeat N]``. The peers
in `benchmarks/peers` do the same: import, read the IDX files, train, save. The systems take turns,
and the table shows medians; a peer that is not installed is left out.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.table import Row, print_rows
from training.compare.backends import keras_backend
from training.compare.systems import DIGITSERVE, JAX, KERAS, PYTORCH, System
from training.data.mnist import data_directory
from training.recipes import ModelName

# The command of each system, and the ending of the weights file that it writes.
COMMANDS: dict[System, tuple[list[str], str]] = {
    DIGITSERVE: (["training", "fit"], ".safetensors"),
    PYTORCH: (["benchmarks.peers.fit_pytorch"], ".pt"),
    KERAS: (["benchmarks.peers.fit_keras"], ".weights.h5"),
    JAX: (["benchmarks.peers.fit_jax"], ".npz"),
}
MODELS: tuple[ModelName, ...] = ("dnn", "cnn")


def run_seconds(system: System, model: ModelName, data: Path, epochs: int) -> float:
    """Return the wall-clock seconds of one whole process that writes a weights file."""
    words, ending = COMMANDS[system]
    recipe = ["--recipe", "notebook"] if system is DIGITSERVE else []
    environment = os.environ | {"KERAS_BACKEND": keras_backend() or ""}
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory) / f"weights{ending}"
        options = ["--data", str(data), "--epochs", str(epochs), "--out", str(out)]
        command = [sys.executable, "-m", *words, model, *recipe, *options]
        started = time.perf_counter()
        subprocess.run(
            command,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        seconds = time.perf_counter() - started
        if not out.stat().st_size:
            raise RuntimeError(f"{out.name}: expected weights, got an empty file")
    return seconds


def rows(data: Path, epochs: int, repeat: int) -> Iterator[Row]:
    """Yield a row for each model and system that is installed."""
    for model in MODELS:
        installed = [system for system in COMMANDS if system.installed()]
        seconds: dict[System, list[float]] = {system: [] for system in installed}
        for _ in range(repeat):
            for system in installed:
                seconds[system].append(run_seconds(system, model, data, epochs))
        ours = statistics.median(seconds[DIGITSERVE])
        for system in installed:
            median = statistics.median(seconds[system])
            ratio = "" if system is DIGITSERVE else f"{median / ours:.2f} of ours"
            yield Row(f"{model}, {_name(system)}", f"{median:.2f} s", ratio)


def _name(system: System) -> str:
    return f"Keras on {keras_backend()}" if system is KERAS else system.name


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whole_command", description=__doc__)
    parser.add_argument("--data", type=Path, help="directory of MNIST (default: DIGITS_DATA)")
    parser.add_argument("--epochs", type=int, default=10, help="of each run (default: 10)")
    parser.add_argument("--repeat", type=int, default=1, help="runs of each (default: 1)")
    arguments = parser.parse_args()
    data = data_directory(arguments.data)
    print(f"Whole command, notebook recipe, {arguments.epochs} epochs, process start to weights\n")
    print_rows(rows(data, arguments.epochs, arguments.repeat))


if __name__ == "__main__":
    main()
