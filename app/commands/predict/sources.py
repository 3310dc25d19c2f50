"""Pictures that the arguments of ``predict`` name, one at a time."""

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from app.commands.exit_codes import USAGE, CommandError

# Files of a folder that are read, by the end of their names. A file that is named is always read.
PICTURES = (".png", ".jpg", ".jpeg", ".jpe", ".webp", ".gif", ".bmp", ".tif", ".tiff")
SHEETS = (*PICTURES, ".pdf")

STDIN = "-"

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Source:
    """A picture: the path of its file, or its bytes from standard input."""

    name: str
    data: bytes | None = None


def check_arguments(arguments: Iterable[str]) -> None:
    """Make sure that each argument names something that is there.

    Raises: CommandError.
    """
    for argument in arguments:
        known = argument == STDIN or os.path.lexists(argument)
        if not known and next(glob.iglob(argument, recursive=True), None) is None:
            raise CommandError(
                f"{argument}: expected a picture, folder or pattern, got none", USAGE
            )


def find_sources(arguments: Iterable[str], endings: tuple[str, ...]) -> Iterator[Source]:
    """Yield the pictures of all arguments, in their order; those of a folder by name.

    A folder is listed when its turn comes: memory holds the names of one folder, not of the tree.
    """
    for argument in arguments:
        if argument == STDIN:
            yield Source(STDIN, sys.stdin.buffer.read())
        elif os.path.isdir(argument):
            yield from map(Source, _walk(argument, endings))
        elif os.path.lexists(argument):
            yield Source(argument)
        else:
            for path in sorted(glob.iglob(argument, recursive=True)):
                if not os.path.isdir(path):
                    yield Source(path)


def split(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield the items in lists of at most ``size``, in order."""
    iterator = iter(items)
    while some := list(islice(iterator, size)):
        yield some


def _walk(folder: str, endings: tuple[str, ...]) -> Iterator[str]:
    """Yield the pictures of a folder by name, then those of its subfolders.

    Links to folders are not followed: they can lead back. A folder that cannot be listed is
    yielded itself, and gets its error when it is read as a file.
    """
    try:
        files, folders = _list(folder, endings)
    except OSError:
        yield folder
        return
    while files:
        yield os.path.join(folder, files.pop())
    while folders:
        yield from _walk(os.path.join(folder, folders.pop()), endings)


def _list(folder: str, endings: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return names of pictures and of subfolders, in descending order; hidden ones are left out."""
    files: list[str] = []
    folders: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif entry.name.lower().endswith(endings):
                files.append(entry.name)
    files.sort(reverse=True)
    folders.sort(reverse=True)
    return files, folders
