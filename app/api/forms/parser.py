"""Incremental parser of multipart bodies: splits a body at its boundary into parts."""

import re
from collections.abc import Callable

from app.errors import MalformedRequestError

# Largest size of the headers of one part; those of a usual part have 100 to 300 bytes.
MAX_PART_HEADER_BYTES = 8192

# The end of a delimiter line: blanks are allowed before the CRLF, or "--" after the last part.
_LINE_END = re.compile(rb"(--)|[ \t]{0,1000}\r\n")
_INCOMPLETE_LINE_END = re.compile(rb"(?:-?|[ \t]{0,1000}\r?)\Z")


def form_error(got: str) -> MalformedRequestError:
    """Create the error for a body that is not a form within the limits."""
    return MalformedRequestError(f"form: expected multipart/form-data, got: {got}")


class MultipartParser:
    """Incremental parser of a multipart body; it ignores the preamble and the epilogue.

    The result is the same for every division of the body into chunks. ``begin`` gets the header
    section of each part without the empty line at its end, ``data`` the content of this part.
    Source: RFC 2046, section 5.1.1.
    """

    def __init__(
        self,
        boundary: bytes,
        begin: Callable[[bytes], None],
        data: Callable[[bytes], None],
    ) -> None:
        self._delimiter = b"\r\n--" + boundary
        self._begin, self._data = begin, data
        self._buffer = b"\r\n"  # the first delimiter needs no CRLF before it
        self._place = 0  # the end of what has been passed on
        self._search_from = 0
        self._in_header = self._in_part = False
        self.closed = False  # whether the last delimiter has been found

    def feed(self, chunk: bytes) -> None:
        """Parse the next chunk of the body.

        Raises: MalformedRequestError if the headers of a part are too large, or a line begins with
        the boundary and is not a delimiter; errors of ``begin`` and ``data``.
        """
        if self.closed:
            return
        self._buffer += chunk
        while self._read_header() if self._in_header else self._read_content():
            pass
        cut = len(self._buffer) if self.closed else min(self._place, self._search_from)
        self._buffer = self._buffer[cut:]
        self._place, self._search_from = self._place - cut, self._search_from - cut

    def _read_header(self) -> bool:
        """Read the headers of a part; return false if more bytes are needed."""
        start = self._place  # the CRLF of the delimiter line: there may be no headers at all
        most = start + MAX_PART_HEADER_BYTES + 4
        end = self._buffer.find(b"\r\n\r\n", start, most)
        if end < 0 and len(self._buffer) < most:
            return False
        if end < 0:
            raise form_error(f"a part with headers of more than {MAX_PART_HEADER_BYTES} bytes")
        self._begin(self._buffer[start + 2 : end])
        self._in_header = False
        self._place = end + 4
        self._search_from = end + 2  # the CRLF of the empty line may begin the next delimiter
        return True

    def _read_content(self) -> bool:
        """Read to the next delimiter; return false if more bytes are needed, or none."""
        found = self._buffer.find(self._delimiter, self._search_from)
        if found < 0:  # the last bytes can be the start of a delimiter
            self._search_from = max(len(self._buffer) - len(self._delimiter) + 1, self._search_from)
            self._pass_on(self._search_from)
            return False
        self._pass_on(found)
        self._search_from = found
        after = found + len(self._delimiter)
        line_end = _LINE_END.match(self._buffer, after)
        if line_end:
            self.closed = bool(line_end[1])
            self._in_part = self._in_header = not self.closed
            self._place = self._search_from = line_end.end() - 2
        elif not _INCOMPLETE_LINE_END.match(self._buffer, after):
            raise _delimiter_error(self._buffer[after : after + 1])
        return self._in_header

    def _pass_on(self, end: int) -> None:
        """Pass the content before ``end`` on; before the first part, drop it."""
        if end > self._place:
            if self._in_part:
                self._data(self._buffer[self._place : end])
            self._place = end


def _delimiter_error(following: bytes) -> MalformedRequestError:
    if following == b"\n":
        return form_error("a boundary whose line ends in LF, not in CRLF")
    return form_error("a line that begins with the boundary and goes on")
