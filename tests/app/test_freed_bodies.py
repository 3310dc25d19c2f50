"""Refused bodies are freed with their response, not by the garbage collector at some later time."""

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
SIZES = {"fast path": 60_000, "ASGI": 2_000_000}

JSON, FORM = "application/json", "multipart/form-data; boundary=a"
PART = b'--a\r\nContent-Disposition: form-data; name="%b"; filename="a"\r\n\r\n%b\r\n--a--'

# Start of the body, content type and status; the rest of the body is filled.
REFUSED: dict[str, tuple[bytes, str, int]] = {
    "type": (b"", "text/csv", 415),
    "no image": (b"no image", "", 415),
    "PDF": (b"%PDF", "", 415),
    "broken PNG": (as_bytes()[:60], "", 422),
    "broken JPEG": (encode(Image.new("L", (500, 500)), "JPEG")[:100], "", 422),
    "large picture": (encode(Image.new("1", (6000, 6000))), "", 413),
    "JSON": (b'{"image": "', JSON, 400),
    "JSON with no image": (b'{"image": "aaaa"}', JSON, 415),
    "form": (b"--a\r\nbroken", FORM, 400),
    "form, no boundary": (b"", "multipart/form-data", 400),
}

# Functions that fail, and the status.
FAILING = {
    "internal error": ("app.inference.service.PredictionService.predict", RuntimeError, 500),
    "no memory": ("app.inference.service.PredictionService.predict", MemoryError, 503),
    "no memory in the network": ("model_core.classifier.Classifier.predict", MemoryError, 503),
}


@contextmanager
def no_collector() -> Iterator[None]:
    """Switch the garbage collector off."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def request(start: bytes, content_type: str, size: int) -> bytes:
    """Return a request whose body has this start and size."""
    head = (
        "POST /v1/predictions HTTP/1.1\r\nHost: x\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {size}\r\n\r\n"
    )
    return head.encode() + start.ljust(size, b" ")


def kept_bytes(server: InProcessServer, request: bytes, status: int, count: int) -> int:
    """Send requests one after the other; return by how many bytes the memory has grown."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        sizes = []
        for _ in range(count):
            writer.write(request)
            await writer.drain()
            assert (await read_answer(reader))[0] == status
            await asyncio.sleep(0)
            sizes.append(tracemalloc.get_traced_memory()[0])
        return sizes[-1] - sizes[1]

    tracemalloc.start()
    try:
        with no_collector(), capture_logs():
            grown: int = server.talk(talk)
    finally:
        tracemalloc.stop()
    return grown


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize(("start", "content_type", "status"), REFUSED.values(), ids=REFUSED)
def test_a_refused_body_is_freed(
    registry: Registry, start: bytes, content_type: str, status: int, size: int
) -> None:
    """Ten more refusals keep less than three bodies: one can be on its way."""
    server = InProcessServer(registry)

    assert kept_bytes(server, request(start, content_type, size), status, 12) < 3 * size


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize(("target", "error", "status"), FAILING.values(), ids=FAILING)
def test_a_body_whose_request_fails_is_freed(
    registry: Registry, target: str, error: type[Exception], status: int, size: int
) -> None:
    """The traceback of an exception does not keep it."""
    server = InProcessServer(registry)

    def fail(*_: object, **__: object) -> None:
        raise error

    with patch(target, fail):
        assert kept_bytes(server, request(as_bytes(), "", size), status, 12) < 3 * size
