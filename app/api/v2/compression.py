"""Content codings gzip and deflate: request bodies within a limit, responses on request.

Source: RFC 9110, "HTTP Semantics", sections 8.4 and 12.5.3.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import count
from typing import Literal

from anyio import to_thread

from app.api.messages import HttpResponse
from app.errors import BodyTooLargeError, MalformedRequestError, UnsupportedEncodingError

Coding = Literal["gzip", "deflate"]

_WINDOW_BITS: dict[str, int] = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}

# Bytes that a step reads and writes at most; the first steps are in the event loop, where they take
# a millisecond, the others in a thread.
_READ_BYTES, _WRITTEN_BYTES, _INLINE_STEPS = 64 * 1024, 256 * 1024, 2

# Largest response that is compressed in the event loop.
_INLINE_BYTES = 64 * 1024

# A smaller response is not compressed.
_SMALL_BYTES = 1024
_FASTEST = 1


async def decompress(
    body: bytes, coding: str, *, max_bytes: int, hold: Callable[[int], None]
) -> bytes:
    """Decompress a request body; ``hold`` is called with the number of bytes of each part.

    Raises: UnsupportedEncodingError; MalformedRequestError for an invalid body; BodyTooLargeError
    if the decompressed body has more than ``max_bytes``.
    """
    if coding not in _WINDOW_BITS:
        raise UnsupportedEncodingError(
            f"Content-Encoding: expected gzip or deflate, got {coding[:40]}"
        )
    steps, size = _inflate(body, coding), 0
    parts: list[bytes] = []
    for number in count():
        inline = number < _INLINE_STEPS
        part = next(steps, None) if inline else await to_thread.run_sync(next, steps, None)
        if part is None:
            return b"".join(parts)
        size += len(part)
        if size > max_bytes:
            break
        hold(len(part))
        parts.append(part)
    raise BodyTooLargeError(f"body: expected at most {max_bytes} bytes when decompressed, got more")


async def compress(response: HttpResponse, accepted: str) -> HttpResponse:
    """Compress a response if the client accepts it, by its Accept-Encoding, and it is not small."""
    coding = choose_coding(accepted)
    if coding is None or len(response.body) < _SMALL_BYTES:
        return response
    if len(response.body) <= _INLINE_BYTES:
        body = _deflate(response.body, coding)
    else:
        body = await to_thread.run_sync(_deflate, response.body, coding)
    headers = [*response.headers, (b"content-encoding", coding.encode())]
    return HttpResponse(response.status, headers, body)


@lru_cache(256)
def choose_coding(accepted: str) -> Coding | None:
    """Return the coding that an Accept-Encoding header prefers; of equal ones gzip."""
    weights: dict[str, float] = {}
    for one in accepted.lower().split(","):
        name, _, parameter = one.partition(";")
        weights[name.strip()] = _weight(parameter)
    other = weights.get("*", 0.0)
    best: Coding = "gzip"
    if weights.get("deflate", other) > weights.get("gzip", other):
        best = "deflate"
    return best if weights.get(best, other) > 0 else None


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def _inflate(body: bytes, coding: str) -> Iterator[bytes]:
    """Yield the parts of a decompressed body.

    Raises: MalformedRequestError if it is not one whole stream.
    """
    stream = zlib.decompressobj(_WINDOW_BITS[coding])
    try:
        for start in range(0, len(body), _READ_BYTES):
            piece = body[start : start + _READ_BYTES]
            while piece and not stream.eof:
                yield stream.decompress(piece, _WRITTEN_BYTES)
                piece = stream.unconsumed_tail
        if not stream.eof:
            yield stream.decompress(b"", _WRITTEN_BYTES)  # what the stream still holds
    except zlib.error as error:
        raise MalformedRequestError(f"body: expected {coding}, got: {error}") from None
    if not stream.eof:
        raise MalformedRequestError(f"body: expected a whole {coding} stream, got a part of it")
    if len(stream.unused_data) or start + _READ_BYTES < len(body):
        raise MalformedRequestError(f"body: expected one {coding} stream, got more behind it")


def _deflate(body: bytes, coding: Coding) -> bytes:
    return gzip.compress(body, _FASTEST, mtime=0) if coding == "gzip" else zlib.compress(body, 1)
