"""Results on the disk: whole or not at all, and an error that says where it failed."""

from pathlib import Path

from model_core.atomic_write import write_atomically
from training.errors import OutputError


def write_output(path: Path, content: bytes) -> None:
    """Write a file; an interruption at any point leaves the old one, or none.

    Raises: OutputError if it cannot be written there.
    """
    try:
        write_atomically(path, content)
    except OSError as error:
        raise _refused(path, "a file that can be written", error) from None


def remove_output(path: Path) -> None:
    """Remove a file if it is there.

    Raises: OutputError if it cannot be removed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _refused(path, "a file that can be removed", error) from None


def make_directory(path: Path) -> None:
    """Make a directory where there is none yet.

    Raises: OutputError if there is something else, or it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(path, "a directory to write into", error) from None


def _refused(path: Path, expected: str, error: OSError) -> OutputError:
    return OutputError(f"{path}: expected {expected}, got: {error.strerror}")
