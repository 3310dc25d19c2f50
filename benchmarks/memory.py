"""Peak memory of a training process with the default recipe.

Run with ``python -m benchmarks.memory [--data DIR] [--epochs N]``. Linux adds the parent's memory
at the start of a process to the child's peak, so nothing large is imported here.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

MODELS = ("dnn", "cnn")
# Linux counts in kibibytes, macOS in bytes.
BYTES = 1 if sys.platform == "darwin" else 1024


def peak_megabytes(model: str, data: Path | None, epochs: int) -> float:
    """Return the peak resident set size of `python -m training fit MODEL`, in 10^6 bytes."""
    with tempfile.TemporaryDirectory() as directory:
        options = ["--epochs", str(epochs), "--out", f"{directory}/weights.safetensors"]
        options += ["--data", str(data)] if data else []
        command = [sys.executable, "-m", "training", "fit", model, *options]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(process.returncode)
    return usage.ru_maxrss * BYTES / 1e6


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--data", type=Path, help="directory of MNIST (default: DIGITS_DATA)")
    parser.add_argument("--epochs", type=int, default=1, help="of the recipe (default: 1)")
    arguments = parser.parse_args()
    print(f"Peak resident memory of `fit`, default recipe, epochs: {arguments.epochs}\n")
    print("| model | MB |\n|---|--:|")
    for model in MODELS:
        print(f"| {model} | {peak_megabytes(model, arguments.data, arguments.epochs):.0f} |")


if __name__ == "__main__":
    main()
