"""The notebook's training images for the peers: read, selected and downsampled."""

import argparse
import gzip
from pathlib import Path
from typing import Any

import numpy as np

LEARNING_RATE = 5e-4


def arguments() -> argparse.Namespace:
    """Parse the command line of a peer: model, data, epochs, and the file to write."""
    parser = argparse.ArgumentParser(description="Train on the notebook's images, save weights.")
    parser.add_argument("model", choices=("dnn", "cnn"))
    parser.add_argument("--data", type=Path, required=True, help="directory of MNIST")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    return parser.parse_args()


def training_images(directory: Path) -> tuple[Any, Any]:
    """Return 2,000 images of each digit 0-4, (10000, 1, 14, 14) float32 in 0..1, and classes."""
    images = _idx(directory, "train-images-idx3-ubyte", 16).reshape(-1, 28, 28)
    labels = _idx(directory, "train-labels-idx1-ubyte", 8)
    chosen = np.concatenate([np.flatnonzero(labels == digit)[:2000] for digit in range(5)])
    squares = images[chosen].reshape(-1, 14, 2, 14, 2)
    pixels = squares.sum(axis=(2, 4), dtype=np.float32) / np.float32(4 * 255)
    return pixels[:, None], labels[chosen].astype(np.int64)


def _idx(directory: Path, name: str, header: int) -> Any:
    plain, packed = directory / name, directory / f"{name}.gz"
    content = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
    return np.frombuffer(content, np.uint8, offset=header)
