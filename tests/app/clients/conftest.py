"""Fixture: a picture as a file."""

from pathlib import Path

import pytest

from tests.support.pictures import as_bytes


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a drawn two."""
    path = tmp_path_factory.mktemp("clients") / "two.png"
    path.write_bytes(as_bytes())
    return path
