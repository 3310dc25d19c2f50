"""Output files: each failure is an error that names the path."""

from collections.abc import Callable
from pathlib import Path

import pytest

from training.errors import OutputError
from training.files import make_directory, remove_output, write_output


def test_a_file_is_written_over_and_removed(tmp_path: Path) -> None:
    """A second write replaces the content; removing twice is no error."""
    path = tmp_path / "x"
    for content in (b"old", b"new"):
        write_output(path, content)
    written = path.read_bytes()

    remove_output(path)
    remove_output(path)

    assert written == b"new"
    assert not path.exists()


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda path: write_output(path / "x", b""), "expected a file that can be written"),
        (lambda path: remove_output(path / "x"), "expected a file that can be removed"),
        (lambda path: make_directory(path), "expected a directory to write into"),
    ],
)
def test_a_file_where_a_directory_should_be_is_named(
    tmp_path: Path, act: Callable[[Path], None], message: str
) -> None:
    """The error begins with the path and ends with the reason."""
    path = tmp_path / "taken"
    path.write_bytes(b"mine")

    with pytest.raises(OutputError, match=rf"^{path}.*: {message}, got: "):
        act(path)

    assert path.read_bytes() == b"mine"
