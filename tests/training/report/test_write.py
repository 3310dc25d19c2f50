"""The report's files."""

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
    """Return the directory of a report, created by it."""
    path = tmp_path_factory.mktemp("report") / "new" / "report"
    write_report(path, "mine", obedient(), SEVEN)
    return path


def test_the_page_and_every_picture_are_there(directory: Path) -> None:
    """The directory has the page, each figure in both themes, the sheet, and nothing else."""
    pictures = {f"{name}{theme}.png" for name in FIGURES for theme in ("", "-dark")}

    assert set(os.listdir(directory)) == pictures | {"index.html", "mistakes.png"}


def test_the_pictures_are_those_of_the_page(directory: Path) -> None:
    """The PNG files equal those embedded in the page."""
    page = (directory / "index.html").read_text()

    for path in directory.glob("*.png"):
        if path.name != "mistakes.png":
            assert base64.b64encode(path.read_bytes()).decode() in page


def test_the_same_model_gives_the_same_report(directory: Path, tmp_path: Path) -> None:
    """The same model gives the same bytes, also over an older report."""
    for name in ("index.html", "mistakes.png"):
        (tmp_path / name).write_bytes(b"old")

    write_report(tmp_path, "mine", obedient(), SEVEN)

    for path in directory.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_pictures_of_an_earlier_report_are_removed(directory: Path, tmp_path: Path) -> None:
    """Pictures of an earlier report that the new one lacks are removed."""
    for name in ("curves.png", "curves-dark.png", "mistakes.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"old")

    write_report(tmp_path, "mine", obedient(history=()), shown((0, 0), (1, 1), (2, 2)))

    names = set(os.listdir(tmp_path))
    assert not names & {"curves.png", "curves-dark.png", "mistakes.png"}
    assert "notes.txt" in names


def test_a_file_in_the_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    """A file in place of the directory is an error that names it, and is not changed."""
    path = tmp_path / "report"
    path.write_bytes(b"mine")

    with pytest.raises(OutputError, match=f"{path}: expected a directory to write into, got: "):
        write_report(path, "mine", obedient(), SEVEN)

    assert path.read_bytes() == b"mine"
