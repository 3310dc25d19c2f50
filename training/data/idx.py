"""Parser of IDX files, the format of MNIST.

Source: the MNIST page of LeCun, Cortes and Burges, "The IDX file format".
"""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.errors import DataFileError

_GZIP_MAGIC = b"\x1f\x8b"
_UINT8 = 0x08
_MOST_AXES = 3


def read_content(path: Path, *, limit: int) -> bytes:
    """Read a file, decompressed if its content is gzipped.

    Units: at most ``limit`` + 1 bytes are decompressed; the last shows that there is more.
    Raises: DataFileError if the file cannot be read or its gzip stream is broken.
    """
    try:
        with path.open("rb") as file:
            if file.read(2) != _GZIP_MAGIC:
                file.seek(0)
                return file.read(limit + 1)
        with gzip.open(path) as file:
            return file.read(limit + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataFileError(f"{path}: expected a complete gzip file, got: {error}") from None
    except OSError as error:
        raise DataFileError(f"{path}: expected a readable file, got: {error.strerror}") from None


def parse_idx(content: bytes, *, what: str) -> NDArray[np.uint8]:
    """Parse an IDX file into an array.

    Shapes: as in the file's header; uint8, the only type that MNIST uses.
    Raises: DataFileError, its message beginning with ``what``.
    """
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != _UINT8:
        raise DataFileError(
            f"{what}: expected an IDX file of unsigned bytes (00 00 08 ..), "
            f"got one that begins with {content[:4].hex(' ') or 'nothing'}"
        )
    axes = content[3]
    start = 4 + 4 * axes
    if not 1 <= axes <= _MOST_AXES:
        raise DataFileError(f"{what}: expected 1 to {_MOST_AXES} axes, got {axes}")
    if len(content) < start:
        raise DataFileError(f"{what}: expected a header of {start} bytes, got {len(content)}")
    shape = tuple(int.from_bytes(content[i : i + 4], "big") for i in range(4, start, 4))
    expected, got = math.prod(shape), len(content) - start
    if got != expected:
        size = "x".join(map(str, shape))
        raise DataFileError(f"{what}: expected {expected} bytes for {size}, got {got}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
