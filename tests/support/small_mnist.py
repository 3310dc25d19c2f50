"""A small data set in MNIST's format, and its files."""

import gzip
import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.data.mnist import FILES, DataFile, Mnist

_DRAW = np.random.default_rng(7).integers

ARRAYS = (
    _DRAW(0, 4, (40, 28, 28), np.uint8),
    _DRAW(0, 10, (40,), np.uint8),
    _DRAW(0, 4, (10, 28, 28), np.uint8),
    _DRAW(0, 10, (10,), np.uint8),
)
SMALL_MNIST = Mnist(*ARRAYS)


def idx(array: NDArray[np.uint8]) -> bytes:
    """Encode an array as an IDX file."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 0x08, array.ndim]) + sizes + array.tobytes()


CONTENTS = tuple(idx(array) for array in ARRAYS)
SMALL_FILES = tuple(
    DataFile(real.name, array.shape, hashlib.sha256(content).hexdigest())
    for real, array, content in zip(FILES, ARRAYS, CONTENTS, strict=True)
)


def write_small_mnist(directory: Path, *, gzipped: bool) -> None:
    """Write the four files into a directory."""
    for file, content in zip(SMALL_FILES, CONTENTS, strict=True):
        if gzipped:
            (directory / f"{file.name}.gz").write_bytes(gzip.compress(content))
        else:
            (directory / file.name).write_bytes(content)
