"""Framing of the requests in a byte stream: where the parser may stop."""

_EMPTY_LINE = b"\r\n\r\n"

# Bytes of a chunk that are not counted as header: 16 digits of its size and two line ends.
_CHUNK_BYTES = 20


class MessageFraming:
    """Position within a request; cuts received bytes so that a request ends with a piece.

    The parser cannot stop behind a request. A header and a chunked body end with an empty line, and
    a body with a Content-Length after as many bytes: only there can a request end.
    Units: ``header_bytes`` are those of the header; then those of chunk sizes, chunk extensions and
    trailer fields, except the first 20 of each chunk.
    Source: RFC 9112, "HTTP/1.1", section 6.
    """

    __slots__ = ("_missing", "_tail", "header_bytes", "in_body", "is_chunked")

    def __init__(self) -> None:
        self.end()

    def end_of_piece(self, data: bytes, start: int) -> int:
        """Return where the next piece ends, and count its bytes."""
        if self._missing:
            end = min(start + self._missing, len(data))
            self._missing -= end - start
            return end
        end = self._behind_empty_line(data, start)
        self.header_bytes += end - start
        return end

    def begin_body(self, length: int, *, chunked: bool) -> None:
        """Begin a body at the end of the header; without ``chunked`` it has ``length`` bytes."""
        self.header_bytes = 0
        self.in_body, self.is_chunked, self._missing = chunked or length > 0, chunked, length

    def count_chunk(self) -> None:
        """Note that the size line of a chunk has ended."""
        self.header_bytes -= _CHUNK_BYTES

    def count_body(self, size: int) -> None:
        """Note that bytes of the last piece are part of the body."""
        if self.is_chunked:
            self.header_bytes -= size

    def end(self) -> None:
        """End the request; the next bytes are a header."""
        self.in_body = self.is_chunked = False
        self._missing = self.header_bytes = 0
        self._tail = b""

    def primer(self) -> bytes:
        """Return a header that has only the framing of the body that has begun."""
        field = b"Transfer-Encoding: chunked"
        if not self.is_chunked:
            field = b"Content-Length: %d" % self._missing
        return b"POST / HTTP/1.1\r\n%b\r\n\r\n" % field

    def _behind_empty_line(self, data: bytes, start: int) -> int:
        """Return the end of the first empty line; it may have begun in the piece before."""
        if self._tail:
            found = (self._tail + data[start : start + 3]).find(_EMPTY_LINE)
            if found >= 0:
                end = start + found + 4 - len(self._tail)
                self._tail = b""
                return end
        found = data.find(_EMPTY_LINE, start)
        if found >= 0:
            self._tail = b""
            return found + 4
        self._tail = (self._tail + data[max(start, len(data) - 3) :])[-3:]
        return len(data)
