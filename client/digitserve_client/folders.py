"""Folders of images: groups of files for batches, and the calls that answer a group."""

import os
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from digitserve_client.answers import FileAnswer, ImageAnswer, Prediction
from digitserve_client.calls import Call, predict_batch
from digitserve_client.images import ImageFile
from digitserve_client.options import PredictionOptions
from digitserve_client.problems import TooLargeError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"})

# The service's own limits are 64 images and 20 MB by default.
BATCH_IMAGES = 64
_BATCH_BYTES = 16_000_000

T = TypeVar("T")

# Calls that are sent one after the other, and what they come to in the end.
Steps = Generator[Call[Any], Any, T]


def find_images(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield the image files of a folder and those below it, by suffix, in the order of names.

    Raises: OSError if the folder cannot be read.
    """
    for entry in sorted(Path(folder).iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            yield from find_images(entry)
        elif entry.suffix.lower() in SUFFIXES:
            yield entry


def group_files(paths: Iterable[str | os.PathLike[str]], batch_images: int) -> Iterator[list[Path]]:
    """Yield groups of at most ``batch_images`` files that fit into one request."""
    group: list[Path] = []
    total = 0
    for path in map(Path, paths):
        size = path.stat().st_size if path.exists() else 0
        if group and (len(group) >= batch_images or total + size > _BATCH_BYTES):
            yield group
            group, total = [], 0
        group.append(path)
        total += size
    if group:
        yield group


def read_group(paths: list[Path]) -> list[ImageFile | OSError]:
    """Return the content of each file, or the error in its place."""
    return [_read(path) for path in paths]


def group_steps(
    paths: list[Path], read: list[ImageFile | OSError], options: PredictionOptions
) -> Steps[list[FileAnswer]]:
    """Yield the calls that answer a group of files; return the answers, in order."""
    files = [one for one in read if isinstance(one, ImageFile)]
    answers = iter((yield from _send(files, options)) if files else [])
    return [
        _file_answer(path, one if isinstance(one, OSError) else next(answers))
        for path, one in zip(paths, read, strict=True)
    ]


def _read(path: Path) -> ImageFile | OSError:
    try:
        return ImageFile(path.name, path.read_bytes())
    except OSError as error:
        return error


def _send(files: list[ImageFile], options: PredictionOptions) -> Steps[list[ImageAnswer]]:
    """Send a batch; one that is too large is sent in halves, down to the file that is."""
    try:
        answers: list[ImageAnswer] = yield predict_batch(files, options)
    except TooLargeError as error:
        if len(files) == 1:
            return [error]
        middle = len(files) // 2
        first = yield from _send(files[:middle], options)
        return first + (yield from _send(files[middle:], options))
    return answers


def _file_answer(path: Path, answer: ImageAnswer | OSError) -> FileAnswer:
    if isinstance(answer, Prediction):
        return FileAnswer(path, prediction=answer)
    return FileAnswer(path, error=answer)
