"""Reading of picture files, in groups of bounded size."""

import os
import stat
from collections.abc import Iterable, Iterator

from app.commands.predict.outcome import Document, app_problem, file_problem
from app.commands.predict.sources import Source
from app.errors import BodyTooLargeError

# A file and its bytes, or the problem that it has.
Read = tuple[Source, bytes | Document]


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
