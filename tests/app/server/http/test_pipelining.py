"""Pipelined requests: order, memory, and what belongs to which."""

import asyncio
from typing import Any

import pytest

from app.inference.registry import Registry
from tests.app.server.http.cases.case import CHUNKED, END, GET, PNG, WHOLE, chunk, get
from tests.support.in_process import InProcessServer, read_answer

KEY = "k" * 16
MODEL = WHOLE.replace(b"predictions", b"predictions?model=dnn")


@pytest.fixture
def server(registry: Registry) -> InProcessServer:
    """Return a server with the default settings."""
    return InProcessServer(registry)


def test_later_requests_wait_unparsed(registry: Registry) -> None:
    """Requests behind one that is not answered are bytes, and are freed with the connection."""
    server = InProcessServer(registry, max_concurrent=1, wait_seconds=60)
    admission = server.gateway.services.predictions.admission

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[int, int]:
        assert admission.try_acquire()
        writer.write(WHOLE + GET * 100)
        while not server.gateway.body_limit.total_bytes:
            await asyncio.sleep(0)
        waiting = server.gateway.body_limit.total_bytes, len(server.state.tasks)
        writer.transport.abort()
        admission.release()
        while server.state.connections:
            await asyncio.sleep(0)
        return waiting

    assert server.talk(talk) == (100 * len(GET), 1)
    assert server.gateway.body_limit.total_bytes == 0


def test_waiting_requests_have_a_total_limit(registry: Registry, statuses: list[int]) -> None:
    """Bytes over the limit are not kept: after the open request comes 429, and the end."""
    server = InProcessServer(registry, max_total_body_bytes=2000)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        writer.write(WHOLE + GET * 100)
        return await read_answer(reader), await read_answer(reader), await reader.read()

    (first, _, _), (second, headers, document), rest = server.talk(talk)

    assert (first, second, rest) == (200, 429, b"")
    assert headers["retry-after"] == "1"
    assert document["detail"].startswith("service: expected at most 2000 bytes")
    assert statuses == [200, 429]
    assert server.gateway.body_limit.total_bytes == 0


@pytest.mark.parametrize("first", [WHOLE, MODEL, get(b"Upgrade: h2c", b"Connection: Upgrade")])
def test_the_request_ids_keep_their_order(server: InProcessServer, first: bytes) -> None:
    """An error behind a request has the request id of its own header, and comes second."""
    one = first.replace(b"Host: x", b"Host: x\r\nX-Request-ID: one")
    two = get(b"X-Request-ID: two", b"Content-Length: 1", b"Content-Length: 2")

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[str]:
        writer.write(one + two)
        received = (await reader.read()).decode().splitlines()
        return [line.split()[1] for line in received if line.startswith("x-request-id")]

    assert server.talk(talk) == ["one", "two"]


@pytest.mark.parametrize("pieces", [1, 2])
def test_a_trailer_is_no_header_of_the_next_request(registry: Registry, pieces: int) -> None:
    """An API key in a trailer counts neither for its request nor for the next one."""
    server = InProcessServer(registry, api_keys=KEY)
    body = CHUNKED + chunk(PNG)
    trailer = END[:-2] + b"Authorization: Bearer " + KEY.encode() + b"\r\n\r\n"

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[int]:
        if pieces == 1:
            writer.write(body + trailer + WHOLE)
        else:
            writer.write(body)
            await asyncio.sleep(0.02)
            writer.write(trailer + WHOLE)
        return [(await read_answer(reader))[0] for _ in range(2)]

    assert server.talk(talk) == [401, 401]


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        (b"http://digits.example/v1/models", b"evil", 200),
        (b"http://evil/v1/models", b"digits.example", 400),
        (b"http://digits.example:80/v1/models", b"evil", 200),
        (b"HTTP://Digits.Example/v1/models", b"evil", 200),
        (b"/v1/models", b"digits.example", 200),
        (b"/v1/models", b"evil", 400),
    ],
)
def test_the_host_of_a_url_counts(
    registry: Registry, target: bytes, host: bytes, status: int
) -> None:
    """Access control sees the host of a target that is a URL, not that of the header."""
    server = InProcessServer(registry, trusted_hosts="digits.example")

    [(got, _, _)] = server.ask(b"GET %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (target, host))

    assert got == status
