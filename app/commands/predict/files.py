"""Reading of picture files, in groups of bounded size."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator

from app.commands.predict.outcome import Document, Outcome, app_problem, file_problem
from app.commands.predict.sources import Source
from app.errors import BodyTooLargeError

# A file and its bytes, or the problem that it has.
Read = tuple[Source, bytes | Document]


def predict_files(
    sources: Iterable[Source],
    answer: Callable[[list[bytes]], list[Document]],
    *,
    max_file_bytes: int,
    max_group_bytes: int,
) -> list[Outcome]:
    """Return the outcome of each file, in order; ``answer`` predicts those of a group."""
    outcomes: list[Outcome] = []
    for group in read_groups(
        sources, max_file_bytes=max_file_bytes, max_group_bytes=max_group_bytes
    ):
        uploads = [content for _, content in group if isinstance(content, bytes)]
        answers = iter(answer(uploads) if uploads else [])
        outcomes += [
            Outcome(source.name, next(answers) if isinstance(content, bytes) else content)
            for source, content in group
        ]
    return outcomes


def read_groups(
    sources: Iterable[Source], *, max_file_bytes: int, max_group_bytes: int
) -> Iterator[list[Read]]:
    """Yield all files, in order, in groups that have at most ``max_group_bytes`` or one file."""
    group: list[Read] = []
    size = 0
    for source in sources:
        content = _read(source, max_file_bytes)
        more = len(content) if isinstance(content, bytes) else 0
        if group and size + more > max_group_bytes:
            yield group
            group, size = [], 0
        group.append((source, content))
        size += more
    if group:
        yield group


def _read(source: Source, max_bytes: int) -> bytes | Document:
    """Return the bytes of a file, or its problem."""
    try:
        data = source.data
        if data is None:
            data = _read_file(source.name, max_bytes + 1)
    except OSError as error:
        return file_problem(error)
    if len(data) > max_bytes:
        return app_problem(BodyTooLargeError(f"file: expected at most {max_bytes} bytes, got more"))
    return data


def _read_file(path: str, limit: int) -> bytes:
    """Return at most ``limit`` bytes of a file; Python allocates what it is asked to read."""
    with open(path, "rb") as file:
        status = os.fstat(file.fileno())
        is_regular = stat.S_ISREG(status.st_mode)
        return file.read(min(limit, status.st_size + 1) if is_regular else limit)
