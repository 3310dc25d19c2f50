"""Output files: atomic writes, and errors that name the path."""

from pathlib import Path

from model_core.atomic_write import write_atomically
from training.errors import OutputError


def write_output(path: Path, content: bytes) -> None:
    """Write a file atomically; an interruption at any point leaves the old content.

    Raises: OutputError if it cannot be written.
    """
    try:
        write_atomically(path, content)
    except OSError as error:
        raise _refused(path, "a file that can be written", error) from None


def remove_output(path: Path) -> None:
    """Remove a file if it exists.

    Raises: OutputError if it cannot be removed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _refused(path, "a file that can be removed", error) from None


def make_directory(path: Path) -> None:
    """Create a directory, with its parents, unless it exists.

    Raises: OutputError if it cannot be created.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(path, "a directory to write into", error) from None


def _refused(path: Path, expected: str, error: OSError) -> OutputError:
    return OutputError(f"{path}: expected {expected}, got: {error.strerror}")
