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

    __slots__ = ("_is_chunked", "_missing", "_tail", "header_bytes")

    _tail: bytes  # the last three bytes, if an empty line may have begun there

    def __init__(self) -> None:
        self.end()

    def end_of_piece(self, data: bytes, start: int) -> int:
        """Return where the next piece ends, and count its bytes."""
        if self._missing:
            end = min(start + self._missing, len(data))
            self._missing -= end - start
            return end
        if self._tail:
            end = self._behind_split_line(data, start)
        else:
            found = data.find(_EMPTY_LINE, start)
            end = found + 4 if found >= 0 else len(data)
            self._tail = data[max(start, len(data) - 3) :] if found < 0 else b""
        self.header_bytes += end - start
        return end

    def begin_body(self, length: int, is_chunked: bool) -> None:
        """Begin a body at the end of the header; it has ``length`` bytes, or is chunked."""
        self.header_bytes, self._missing, self._is_chunked = 0, length, is_chunked

    def count_chunk(self) -> None:
        """Note that the size line of a chunk has ended."""
        self.header_bytes -= _CHUNK_BYTES

    def count_body(self, size: int) -> None:
        """Note that bytes of the last piece are part of a chunked body."""
        self.header_bytes -= size

    def end(self) -> None:
        """End the request; the next bytes are a header."""
        self._is_chunked, self._tail = False, b""
        self._missing = self.header_bytes = 0

    def framing_header(self) -> bytes:
        """Return a header that has only the framing of the body that has begun."""
        field = b"Transfer-Encoding: chunked"
        if not self._is_chunked:
            field = b"Content-Length: %d" % self._missing
        return b"POST / HTTP/1.1\r\n%b\r\n\r\n" % field

    def _behind_split_line(self, data: bytes, start: int) -> int:
        """Return the end of the first empty line, which may have begun in the piece before."""
        tail, self._tail = self._tail, b""
        found = (tail + data[start : start + 3]).find(_EMPTY_LINE)
        if found >= 0:
            return start + found + 4 - len(tail)
        found = data.find(_EMPTY_LINE, start)
        if found >= 0:
            return found + 4
        self._tail = (tail + data[max(start, len(data) - 3) :])[-3:]
        return len(data)
