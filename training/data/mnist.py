"""The MNIST data set: four files, verified by their SHA-256."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from training.data.idx import parse_idx, read_content
from training.errors import DataFileError


@dataclass(frozen=True, slots=True)
class DataFile:
    """Description of one of the four files; ``sha256`` is that of its decompressed content."""

    name: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def size(self) -> int:
        """Return the number of bytes of the decompressed content."""
        return 4 + 4 * len(self.shape) + int(np.prod(self.shape))


TRAIN_IMAGES = DataFile(
    "train-images-idx3-ubyte",
    (60000, 28, 28),
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
)
TRAIN_LABELS = DataFile(
    "train-labels-idx1-ubyte",
    (60000,),
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
)
TEST_IMAGES = DataFile(
    "t10k-images-idx3-ubyte",
    (10000, 28, 28),
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
)
TEST_LABELS = DataFile(
    "t10k-labels-idx1-ubyte",
    (10000,),
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
)
FILES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)


@dataclass(frozen=True, slots=True)
class Mnist:
    """The data set: images (N, 28, 28) uint8, light ink on black; labels (N,) uint8 in 0..9."""

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.uint8]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.uint8]


def data_digest() -> str:
    """Return a SHA-256 of the training data, computed from the digests of its two files."""
    digests = TRAIN_IMAGES.sha256 + TRAIN_LABELS.sha256
    return hashlib.sha256(digests.encode()).hexdigest()


def data_directory(argument: Path | None) -> Path:
    """Return the data directory: the argument, else DIGITS_DATA, else in the user's cache."""
    if argument is not None:
        return argument
    if named := os.environ.get("DIGITS_DATA"):
        return Path(named)
    return platformdirs.user_cache_path("digitserve") / "mnist"


def missing_files(directory: Path, files: tuple[DataFile, ...] = FILES) -> list[DataFile]:
    """Return the files that exist neither plain nor gzipped."""
    return [file for file in files if find_file(directory, file) is None]


def find_file(directory: Path, file: DataFile) -> Path | None:
    """Return the path of a file, plain or else gzipped; None if it does not exist."""
    candidates = (directory / file.name, directory / f"{file.name}.gz")
    # os.path.isfile is False without permission to search the directory; Path.is_file raises
    return next((path for path in candidates if os.path.isfile(path)), None)


def read_mnist(directory: Path, files: tuple[DataFile, ...] = FILES) -> Mnist:
    """Read the data set from a directory with all four files.

    ``files`` are training images, training labels, test images, test labels.
    Raises: DataFileError for a missing or invalid file.
    """
    return Mnist(*(_read(directory, file, files) for file in files))


def _read(directory: Path, file: DataFile, files: tuple[DataFile, ...]) -> NDArray[np.uint8]:
    path = find_file(directory, file)
    if path is None:
        raise DataFileError(f"{directory}: expected {file.name} or {file.name}.gz, got neither")
    # Large enough for every file, so that a file under another's name is recognised.
    limit = max(other.size for other in files)
    return verify(read_content(path, limit=limit), file, what=str(path), files=files)


def verify(
    content: bytes, file: DataFile, *, what: str, files: tuple[DataFile, ...] = FILES
) -> NDArray[np.uint8]:
    """Parse a file's decompressed content, after checking shape and SHA-256.

    Raises: DataFileError, its message beginning with ``what``.
    """
    digest = hashlib.sha256(content).hexdigest()
    for other in files:
        if other != file and other.sha256 == digest:
            raise DataFileError(f"{what}: expected {file.name}, got the content of {other.name}")
    array = parse_idx(content, what=what)
    if array.shape != file.shape:
        expected, got = ("x".join(map(str, shape)) for shape in (file.shape, array.shape))
        raise DataFileError(f"{what}: expected {expected} values, got {got}")
    if digest != file.sha256:
        raise DataFileError(f"{what}: expected content with SHA-256 {file.sha256}, got {digest}")
    return array
