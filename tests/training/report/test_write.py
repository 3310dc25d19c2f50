"""The report on the disk: which files, and that they are whole."""

import base64
import os
from pathlib import Path

import pytest

from tests.training.report.samples import SEVEN, obedient, shown
from training.errors import OutputError
from training.report.write import write_report

FIGURES = ("confusion", "curves", "filters", "reliability")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a report, in a directory that was not there."""
    path = tmp_path_factory.mktemp("report") / "new" / "report"
    write_report(path, "mine", obedient(), SEVEN)
    return path


def test_the_page_and_every_picture_are_there(directory: Path) -> None:
    """Each figure in both themes, a sheet of the mistakes, and nothing half-written."""
    pictures = {f"{name}{theme}.png" for name in FIGURES for theme in ("", "-dark")}

    assert set(os.listdir(directory)) == pictures | {"index.html", "mistakes.png"}


def test_the_pictures_are_those_of_the_page(directory: Path) -> None:
    """Byte for byte, as data: URLs."""
    page = (directory / "index.html").read_text()

    for path in directory.glob("*.png"):
        if path.name != "mistakes.png":
            assert base64.b64encode(path.read_bytes()).decode() in page


def test_the_same_model_gives_the_same_report(directory: Path, tmp_path: Path) -> None:
    """Byte for byte, over an old one as into an empty directory."""
    for name in ("index.html", "mistakes.png"):
        (tmp_path / name).write_bytes(b"old")

    write_report(tmp_path, "mine", obedient(), SEVEN)

    for path in directory.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_what_there_is_not_leaves_no_old_picture(directory: Path, tmp_path: Path) -> None:
    """No curves, no mistakes: pictures of an earlier report do not stay beside the new page."""
    for name in ("curves.png", "curves-dark.png", "mistakes.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"old")

    write_report(tmp_path, "mine", obedient(history=()), shown((0, 0), (1, 1), (2, 2)))

    names = set(os.listdir(tmp_path))
    assert not names & {"curves.png", "curves-dark.png", "mistakes.png"}
    assert "notes.txt" in names


def test_a_file_in_the_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    """The error names it, and it stays."""
    path = tmp_path / "report"
    path.write_bytes(b"mine")

    with pytest.raises(OutputError, match=f"{path}: expected a directory to write into, got: "):
        write_report(path, "mine", obedient(), SEVEN)

    assert path.read_bytes() == b"mine"
