"""Lines written to a file descriptor in whole pieces, without an exception if a write fails."""

import os
import select
from collections.abc import Iterable, Iterator

# Largest write in bytes. Linux writes this many to a pipe in one piece, so that lines of several
# processes do not mix (POSIX, write(): PIPE_BUF).
MAX_WRITE = 4096


class LineFile:
    """File of lines, written without a buffer; without a descriptor every line is lost."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        self._is_line_cut = False

    def write(self, data: bytes) -> int:
        """Write lines, each with a newline at its end; return how many of them are lost."""
        try:
            if self._is_line_cut:  # by an earlier write that failed
                self._write_part(b"\n")
            while data:
                data = data[self._write_part(data) :]
        except OSError:  # the disk is full, or the reader is gone
            return data.count(b"\n")
        return 0

    def _write_part(self, data: bytes) -> int:
        """Write as many bytes as the system takes, and return their number."""
        if self._descriptor is None:
            raise OSError("log: expected a file descriptor, got none")
        try:
            written = os.write(self._descriptor, data)
        except BlockingIOError:  # another program has made the file non-blocking, and it is full
            select.select((), (self._descriptor,), ())
            return 0
        self._is_line_cut = not data[:written].endswith(b"\n")
        return written


def join_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Join lines to pieces of at most MAX_WRITE bytes; a longer line is a piece of its own."""
    piece = b""
    for line in lines:
        if piece and len(piece) + len(line) > MAX_WRITE:
            yield piece
            piece = b""
        piece += line
    if piece:
        yield piece
