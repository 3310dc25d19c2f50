"""A case of bytes on a connection, and what two servers answer."""

from dataclasses import dataclass

from tests.support.http_exchange import WAIT as WAIT
from tests.support.pictures import as_bytes

PNG = as_bytes()
GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
WHOLE = POST + b"Content-Length: %d\r\n\r\n" % len(PNG) + PNG


@dataclass(frozen=True)
class Case:
    """Bytes of a connection in pieces, and the outcome.

    An outcome is the statuses of all responses, and then ``kept`` (the connection is open for the
    next request), ``waits`` (the server waits for the rest of a request) or ``closed``.
    ``why`` says why h11 has another outcome.
    """

    name: str
    sent: bytes | tuple[bytes, ...]
    ours: str
    h11: str = ""
    why: str = ""
    half_close: bool = False  # the client ends its input behind the bytes

    @property
    def pieces(self) -> tuple[bytes, ...]:
        """Return the pieces, which are sent one after another."""
        return self.sent if isinstance(self.sent, tuple) else (self.sent,)


def get(*lines: bytes, target: bytes = b"/healthz", version: bytes = b"HTTP/1.1") -> bytes:
    """Return a GET request with more header lines beside Host."""
    return b"\r\n".join([b"GET %b %b" % (target, version), b"Host: x", *lines, b"", b""])


def post(*lines: bytes, body: bytes = b"") -> bytes:
    """Return a prediction request with more header lines and with bytes behind the header."""
    return POST + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def chunk(data: bytes, extension: bytes = b"") -> bytes:
    """Return a chunk."""
    return b"%x%b\r\n%b\r\n" % (len(data), extension, data)


END = b"0\r\n\r\n"
