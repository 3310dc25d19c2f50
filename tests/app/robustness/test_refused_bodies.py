"""Memory of refused bodies: they are freed at once, not when the garbage collector runs.

An exception keeps its traceback, and with it the local variables of every function it has passed
through; in a reference cycle it would keep the body of its request.
"""

import asyncio
import gc
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from PIL import Image
from structlog.testing import capture_logs

from app.inference.registry import Registry
from tests.support.in_process import InProcessServer, read_answer
from tests.support.pictures import as_bytes, encode

# Sizes of a body on the fast path, and of one that is streamed to the ASGI application.
SIZES = {"fast path": 60_000, "ASGI": 3_000_000}

FORM, JSON = "multipart/form-data; boundary=b", "application/json"
PART = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'

# Content type, start and end of the body, and status; blanks are between start and end.
REFUSED: dict[str, tuple[str, bytes, bytes, int]] = {
    "another type": ("text/csv", b"", b"", 415),
    "no image": ("", b"no image", b"", 415),
    "PDF": ("", b"%PDF", b"", 415),
    "broken PNG": ("", as_bytes()[:60], b"", 422),
    "broken JPEG": ("", encode(Image.new("L", (500, 500)), "JPEG")[:100], b"", 422),
    "too many pixels": ("", encode(Image.new("1", (6000, 6000))), b"", 413),
    "invalid JSON": (JSON, b"[", b"", 400),
    "invalid base64": (JSON, b'{"image": "*', b'"}', 400),
    "JSON with no image": (JSON, b'{"image": "aaaa"', b"}", 415),
    "a form without a boundary": ("multipart/form-data", b"", b"", 400),
    "a form cut off": (FORM, PART, b"", 400),
    "a second file": (FORM, PART, b"\r\n" + PART + b"\r\n--b--", 400),
    "another field": (FORM, PART.replace(b"image", b"x"), b"\r\n--b--", 400),
    "a large field of text": (FORM, PART.replace(b"; filename", b"; x"), b"", 400),
    "a broken form": (FORM, PART, b"\r\n--broken", 400),
}

# Functions that fail, and the status.
FAILING: dict[str, tuple[str, type[Exception], int]] = {
    "internal error": ("app.inference.service.PredictionService.predict", RuntimeError, 500),
    "no memory": ("app.inference.service.PredictionService.predict", MemoryError, 503),
    "no memory in the network": (
        "model_core.classifier.Classifier.predict_batch",
        MemoryError,
        503,
    ),
}


@contextmanager
def traced_memory() -> Iterator[None]:
    """Count the bytes in use, without the garbage collector."""
    gc.collect()
    gc.disable()
    tracemalloc.start(1)
    try:
        yield
    finally:
        tracemalloc.stop()
        gc.enable()


def kept_bytes(server: InProcessServer, kind: str, body: bytes, status: int) -> int:
    """Send a body twelve times over one connection; return by how many bytes the memory grows.

    The first two requests do not count: they fill caches.
    """
    head = f"POST /v1/predictions HTTP/1.1\r\nContent-Type: {kind}\r\nHost: x\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        sizes = []
        for _ in range(12):
            writer.write(request)
            await writer.drain()
            assert (await read_answer(reader))[0] == status
            await asyncio.sleep(0)
            sizes.append(tracemalloc.get_traced_memory()[0])
        return sizes[-1] - sizes[1]

    with traced_memory(), capture_logs():
        grown: int = server.talk(talk)
    return grown


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize(("kind", "start", "end", "status"), REFUSED.values(), ids=REFUSED)
def test_a_refused_body_is_freed_at_once(
    registry: Registry, kind: str, start: bytes, end: bytes, status: int, size: int
) -> None:
    """Ten more refusals keep less than two bodies in memory: one can be arriving."""
    body = start + b" " * (size - len(start) - len(end)) + end
    server = InProcessServer(registry, max_field_bytes=50_000)

    assert kept_bytes(server, kind, body, status) < 2 * size


def test_a_body_over_the_byte_limit_is_freed_at_once(registry: Registry) -> None:
    """Ten bodies over the byte limit keep less than two bodies in memory."""
    server = InProcessServer(registry, max_body_bytes=100_000)

    assert kept_bytes(server, "image/png", bytes(3_000_000), 413) < 2 * 3_000_000


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize(("target", "error", "status"), FAILING.values(), ids=FAILING)
def test_a_body_whose_request_fails_is_freed_at_once(
    registry: Registry, target: str, error: type[Exception], status: int, size: int
) -> None:
    """The traceback of an unexpected exception does not keep the body in memory."""
    server = InProcessServer(registry)

    def fail(*_: object, **__: object) -> None:
        raise error

    with patch(target, fail):
        assert kept_bytes(server, "", as_bytes().ljust(size), status) < 2 * size
