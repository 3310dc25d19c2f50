"""Loading MNIST in a benchmark."""

from pathlib import Path

from training.data.load import load_mnist
from training.data.mnist import Mnist
from training.errors import TrainingError


def load_or_exit(argument: Path | None) -> Mnist:
    """Load MNIST as `python -m training` does; exit with the error in one line if that fails."""
    try:
        return load_mnist(argument)
    except TrainingError as error:
        raise SystemExit(f"error: {error}") from None
