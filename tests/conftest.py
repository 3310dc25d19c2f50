"""Fixtures that several packages' tests share, and the rule that CI skips nothing."""

import os
from pathlib import Path

import numpy as np
import pytest

from training.mnist import Mnist, missing_files, read_mnist

ROOT = Path(__file__).parent.parent


@pytest.fixture
def rng() -> np.random.Generator:
    """Return a generator that draws the same numbers in every run."""
    return np.random.default_rng(2024)


@pytest.fixture(scope="session")
def mnist_dir() -> Path:
    """Return the directory of the real MNIST, or skip."""
    places = [Path(os.environ.get("DIGITS_DATA") or ROOT.parent / "shared" / "mnist")]
    for place in places:
        if not missing_files(place):
            return place.resolve()
    pytest.skip(f"needs MNIST: set DIGITS_DATA (looked in {places[0].name})")


@pytest.fixture(scope="session")
def mnist(mnist_dir: Path) -> Mnist:
    """Return the real MNIST."""
    return read_mnist(mnist_dir)
