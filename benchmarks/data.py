"""MNIST for a benchmark."""

from pathlib import Path

from training.data.load import load_mnist
from training.data.mnist import Mnist
from training.errors import TrainingError


def load_or_exit(argument: Path | None) -> Mnist:
    """Return MNIST as `python -m training` finds it, or end with one line that says why not."""
    try:
        return load_mnist(argument)
    except TrainingError as error:
        raise SystemExit(f"error: {error}") from None
