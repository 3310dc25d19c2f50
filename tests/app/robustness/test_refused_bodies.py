"""Memory of refused bodies: they are freed at once, not when the garbage collector runs.

An exception keeps its traceback, and with it the local variables of every function it has passed
through; in a reference cycle it would keep the body of its request.
"""

import asyncio
import gc
import tracemalloc
from collections.abc import Iterator

import pytest

from app.inference.registry import Registry
from tests.support.in_process import InProcessServer, Talk, read_answer

SIZE = 3_000_000
PART = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
CONTENT = bytes(SIZE)
FORM, JSON = "multipart/form-data; boundary=b", "application/json"

REFUSED: dict[str, tuple[str, bytes, int]] = {
    "a form cut off": (FORM, PART + CONTENT, 400),
    "a second file": (FORM, PART + CONTENT + b"\r\n" + PART + b"\r\n--b--", 400),
    "another field": (FORM, PART.replace(b"image", b"x") + CONTENT + b"\r\n--b--", 400),
    "a large field of text": (FORM, PART.replace(b"; filename", b"; x") + CONTENT, 400),
    "a broken form": (FORM, PART + CONTENT + b"\r\n--broken", 400),
    "invalid JSON": (JSON, b"[" + CONTENT, 400),
    "invalid base64": (JSON, b'{"image": "' + b"*" * SIZE + b'"}', 400),
    "another type": ("text/csv", CONTENT, 415),
    "too large": ("image/png", CONTENT * 7, 413),
}


@pytest.fixture
def traced_memory() -> Iterator[None]:
    """Count the bytes in use, without the garbage collector."""
    gc.collect()
    gc.disable()
    tracemalloc.start(1)
    yield
    tracemalloc.stop()
    gc.enable()


def refusal(kind: str, body: bytes, status: int) -> Talk:
    """Return a conversation in which a body is refused."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = f"POST /v1/predictions HTTP/1.1\r\nContent-Type: {kind}\r\nHost: x\r\n"
        head += "Connection: close\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        assert (await read_answer(reader))[0] == status
        await reader.read()  # the server closes the connection

    return talk


@pytest.mark.usefixtures("traced_memory")
@pytest.mark.parametrize(("kind", "body", "status"), REFUSED.values(), ids=REFUSED)
def test_a_refused_body_is_freed_at_once(
    registry: Registry, kind: str, body: bytes, status: int
) -> None:
    """After a refusal nothing keeps the body, though no garbage collector runs."""
    server = InProcessServer(registry)
    server.talk(refusal(kind, body, status))
    before = tracemalloc.get_traced_memory()[0]

    server.talk(refusal(kind, body, status))

    assert tracemalloc.get_traced_memory()[0] - before < SIZE / 2
