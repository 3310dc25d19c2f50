"""Download of MNIST from public mirrors, with verification and atomic writes."""

import gzip
import io
import os
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from model_core.atomic_write import write_atomically
from training.data.mnist import DataFile, verify
from training.errors import DataFileError, DownloadError

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)

# Seconds to wait before each retry of the same mirror.
PAUSES = (1.0, 4.0)

TIMEOUT = httpx.Timeout(20.0, connect=10.0)

_BY_HAND = "Put the four MNIST files in a directory and name it with --data or DIGITS_DATA."


class _TryAgainError(Exception):
    """A temporary failure: the same mirror is worth a retry."""


class _WrongAnswerError(Exception):
    """A permanent failure: the mirror's answer is not the file."""


def fetch(
    files: Iterable[DataFile],
    directory: Path,
    *,
    mirrors: Sequence[str] = MIRRORS,
    pauses: Sequence[float] = PAUSES,
    timeout: httpx.Timeout = TIMEOUT,
) -> None:
    """Download gzipped files into a directory, which is created if it does not exist.

    After a temporary failure (5xx, connection lost, timeout) a mirror is retried after each of
    ``pauses``; after that, or if its answer is not the file, the next mirror is tried.
    Units: ``pauses`` in seconds.
    Raises: DownloadError if no mirror has a file or the directory cannot be written.
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    bar = Progress(
        *columns, TransferSpeedColumn(), console=console, disable=not console.is_terminal
    )
    with _removed_if_empty(directory), bar, _client(timeout) as client:
        _prepare(directory)
        for file in files:
            content = _from_any(client, file, mirrors, pauses, bar)
            _write(directory / f"{file.name}.gz", content)


@contextmanager
def _removed_if_empty(directory: Path) -> Iterator[None]:
    """Remove a directory that was created and is still empty: its name may be a typing error."""
    missing = [path for path in (directory, *directory.parents) if not os.path.exists(path)]
    try:
        yield
    finally:
        for path in missing:
            with suppress(OSError):  # not empty, or never made
                path.rmdir()


def _prepare(directory: Path) -> None:
    """Create the directory, and refuse one that cannot be written before any download."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=directory).close()
    except OSError as error:
        raise DownloadError(
            f"{directory}: expected a directory to put missing files in, got: {error.strerror}"
        ) from None


def _client(timeout: httpx.Timeout) -> httpx.Client:
    """Return an HTTP client with the proxy and certificate settings of the environment."""
    try:
        return httpx.Client(timeout=timeout, follow_redirects=True)
    except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
        raise DownloadError(
            f"network settings: expected usable proxy and certificate variables, got: {error}\n"
            f"{_BY_HAND}"
        ) from None


def _from_any(
    client: httpx.Client,
    file: DataFile,
    mirrors: Sequence[str],
    pauses: Sequence[float],
    bar: Progress,
) -> bytes:
    failures = []
    for mirror in mirrors:
        try:
            return _from_one(client, f"{mirror}{file.name}.gz", file, pauses, bar)
        except (_TryAgainError, _WrongAnswerError) as error:
            failures.append(f"\n  {mirror}: {error}")
    raise DownloadError(
        f"{file.name}.gz: expected it from one of {len(mirrors)} mirrors, got{''.join(failures)}\n"
        f"{_BY_HAND}"
    )


def _from_one(
    client: httpx.Client, url: str, file: DataFile, pauses: Sequence[float], bar: Progress
) -> bytes:
    for pause in pauses:
        try:
            return _download(client, url, file, bar)
        except _TryAgainError:
            time.sleep(pause)
    return _download(client, url, file, bar)


def _download(client: httpx.Client, url: str, file: DataFile, bar: Progress) -> bytes:
    """Return the gzipped file at a URL, its content verified."""
    try:
        with client.stream("GET", url) as response:
            if response.status_code >= 500 or response.status_code == 429:
                raise _TryAgainError(f"status {response.status_code}")
            if response.status_code != 200:
                raise _WrongAnswerError(f"status {response.status_code}")
            compressed = _receive(response, file, bar)
    except httpx.HTTPError as error:
        raise _TryAgainError(f"{type(error).__name__}: {error}") from None
    try:
        verify(_decompress(compressed, file), file, what="content")
    except DataFileError as error:
        raise _WrongAnswerError(str(error)) from None
    return compressed


def _receive(response: httpx.Response, file: DataFile, bar: Progress) -> bytes:
    """Return the response body without decoding, at most as long as the file."""
    length = response.headers.get("content-length", "")
    task = bar.add_task(file.name, total=int(length) if length.isdigit() else None)
    received = bytearray()
    try:
        for chunk in response.iter_raw():
            received += chunk
            bar.update(task, completed=len(received))
            if len(received) > file.size:
                raise _WrongAnswerError(f"expected at most {file.size} bytes, got more")
    except BaseException:
        bar.remove_task(task)
        raise
    return bytes(received)


def _decompress(compressed: bytes, file: DataFile) -> bytes:
    """Return the decompressed content, at most one byte longer than expected."""
    try:
        with gzip.open(io.BytesIO(compressed)) as stream:
            return stream.read(file.size + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataFileError(f"expected a complete gzip file, got: {error}") from None


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
    except OSError as error:
        raise DownloadError(f"{path}: expected to write it, got: {error.strerror}") from None
