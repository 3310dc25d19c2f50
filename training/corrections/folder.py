"""Reading of a folder of labelled pictures, ``<label>/<file>``."""

import os
from pathlib import Path

from training.corrections.corrections import LABELS, Correction
from training.corrections.preprocess import normalise_files
from training.errors import CorrectionsError

# Files that a message names; of more it says the number.
NAMED = 10

EXPECTED = "expected pictures as <label>/<file>, with the labels 0 to 9 and none"


def read_folder(folder: Path) -> list[Correction]:
    """Return the pictures of a folder; files and folders whose name begins with a dot are ignored.

    Raises: CorrectionsError that names every file that is not a picture of a known label, so that
    nothing is trained on a part of the folder.
    """
    paths, problems = _find_files(folder)
    rows = []
    for path, picture in zip(paths, normalise_files(paths), strict=True):
        if isinstance(picture, str):
            problems.append(f"{path.relative_to(folder)}: {picture}")
        else:
            label = LABELS[path.parent.name]
            rows.append(Correction(str(path), picture.pixels, label, picture.trust))
    if problems:
        raise CorrectionsError(f"{folder}: {EXPECTED}, got {_list(problems)}")
    if not rows:
        raise CorrectionsError(f"{folder}: {EXPECTED}, got no picture")
    return rows


def _find_files(folder: Path) -> tuple[list[Path], list[str]]:
    """Return the files of known labels, and a description of everything else."""
    files, problems = [], []
    for entry in _entries(folder):
        if entry.name not in LABELS or not entry.is_dir():
            problems.append(f"{entry.name}: not a folder of a label")
            continue
        for path in _entries(entry):
            if path.is_file():
                files.append(path)
            else:
                problems.append(f"{path.relative_to(folder)}: not a file")
    return files, problems


def _entries(folder: Path) -> list[Path]:
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise CorrectionsError(f"{folder}: expected a folder, got: {error.strerror}") from None
    return [folder / name for name in names if not name.startswith(".")]


def _list(problems: list[str]) -> str:
    more = len(problems) - NAMED
    end = f"; and {more} more" if more > 0 else ""
    return f"{len(problems)} that cannot be used: {'; '.join(problems[:NAMED])}{end}"
