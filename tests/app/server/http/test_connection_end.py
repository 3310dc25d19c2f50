"""The end of a connection: half-close, disconnect, lingering close, clients that do not read."""

import asyncio
import socket
from contextlib import suppress
from typing import Any
from unittest.mock import patch

import pytest

from app.inference.registry import Registry
from app.server.http import protocol as protocol_module
from tests.app.server.http.cases.case import GET, POST, WHOLE
from tests.support.in_process import InProcessServer, read_answer
from tests.support.servers import Server

ASGI = WHOLE.replace(b"Host: x", b"Host: x\r\nUpgrade: x")  # not on the fast path
BOTH = pytest.mark.parametrize("sent", [WHOLE, ASGI], ids=["fast", "ASGI"])


@pytest.fixture
def server(registry: Registry) -> InProcessServer:
    """Return a server with the default settings."""
    return InProcessServer(registry)


async def wait_for_request(server: InProcessServer) -> None:
    """Wait until the task of a request has started."""
    while not server.state.tasks:
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)


def read_little(server: InProcessServer, writer: asyncio.StreamWriter) -> None:
    """Make the buffers of the system small, so that few responses fill them."""
    sockets = [one.transport.get_extra_info("socket") for one in server.state.connections]
    for one in [writer.get_extra_info("socket"), *sockets]:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)


@BOTH
def test_a_half_closed_client_is_answered(
    registry: Registry, statuses: list[int], sent: bytes
) -> None:
    """A client that ends its input behind its request gets the response, which closes."""
    server = InProcessServer(registry, max_concurrent=1, wait_seconds=60)
    admission = server.gateway.services.predictions.admission

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        assert admission.try_acquire()
        writer.write(sent)
        writer.write_eof()
        await wait_for_request(server)
        admission.release()
        return await read_answer(reader), await reader.read()

    (status, headers, _), rest = server.talk(talk)

    assert (status, headers["connection"], rest) == (200, "close", b"")
    assert statuses == [200]


@BOTH
def test_a_client_that_leaves_later_has_given_up(
    registry: Registry, statuses: list[int], sent: bytes
) -> None:
    """A request whose client leaves long after it is dropped and counted as 499."""
    server = InProcessServer(registry, max_concurrent=1, wait_seconds=60)
    admission = server.gateway.services.predictions.admission

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert admission.try_acquire()
        writer.write(sent)
        await wait_for_request(server)
        writer.write_eof()
        while server.state.connections:
            await asyncio.sleep(0)
        admission.release()
        while server.state.tasks:
            await asyncio.sleep(0)

    with patch.object(protocol_module, "_HALF_CLOSE_SECONDS", 0):
        server.talk(talk)

    assert statuses == [499]


def test_a_disconnect_behind_a_large_body_is_noticed(
    registry: Registry, statuses: list[int]
) -> None:
    """Reading goes on behind a body, which has paused it: else no disconnect would be noticed."""
    server = InProcessServer(registry, max_concurrent=1, wait_seconds=60)
    admission = server.gateway.services.predictions.admission

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert admission.try_acquire()
        writer.write(POST + b"Content-Length: 200000\r\n\r\n" + bytes(200_000))
        await writer.drain()
        await wait_for_request(server)
        connections: set[Any] = server.state.connections
        while any(connection.cycle.more_body for connection in connections):
            await asyncio.sleep(0.01)
        writer.transport.abort()
        while server.state.connections:
            await asyncio.sleep(0.01)
        admission.release()
        while server.state.tasks:
            await asyncio.sleep(0)

    with patch.object(protocol_module, "_HALF_CLOSE_SECONDS", 0):
        server.talk(talk)

    assert statuses == [499]


@BOTH
def test_a_response_that_cannot_be_sent_is_counted_as_499(
    registry: Registry, statuses: list[int], sent: bytes
) -> None:
    """A request whose client is gone before its response is written counts as 499, not as 200."""
    server = InProcessServer(registry)
    service = server.gateway.services.predictions
    predict = service.predict

    async def predict_late(*arguments: Any, **options: Any) -> Any:
        result = await predict(*arguments, **options)
        for connection in list(server.state.connections):
            connection.transport.abort()
        while server.state.connections:
            await asyncio.sleep(0)
        return result

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await wait_for_request(server)
        while server.state.tasks:
            await asyncio.sleep(0)

    with patch.object(service, "predict", predict_late):
        server.talk(talk)

    assert statuses == [499]


def test_an_incomplete_header_at_the_end_of_the_input_is_counted_as_400(
    server: InProcessServer, statuses: list[int]
) -> None:
    """A client that ends its input within a header gets 400."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        writer.write(GET[:-2])
        writer.write_eof()
        return await read_answer(reader)

    status, _, document = server.talk(talk)

    assert status == 400
    assert document["detail"] == "header: expected all of it, got a part"
    assert statuses == [400]


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nX: " + b"a" * 5_000_000,
        POST + b"Transfer-Encoding: chunked\r\n\r\nx\r\n" + b"a" * 5_000_000,
        b"garbage\r\n" * 500_000,
    ],
    ids=["header", "chunk", "garbage"],
)
def test_a_refused_client_that_still_sends_gets_its_response(
    default_server: Server, sent: bytes
) -> None:
    """The rest of an invalid request is discarded: a reset would destroy the response."""
    with socket.create_connection(("127.0.0.1", default_server.port), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 4")
    assert answer.endswith(b"}")


def test_a_refused_client_that_sends_on_is_disconnected(registry: Registry) -> None:
    """A client that does not stop sending is disconnected after some time."""
    server = InProcessServer(registry, receive_seconds=0.3)

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            writer.write(b"garbage\r\n")
            await asyncio.sleep(0.01)

    server.talk(talk)

    assert not server.state.connections


def test_an_idle_client_that_has_not_read_its_response_is_disconnected(registry: Registry) -> None:
    """The close of an idle connection does not wait for ever for the client to read."""
    server = InProcessServer(registry, receive_seconds=0.3, idle_seconds=1)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not server.state.connections:
            await asyncio.sleep(0)
        read_little(server, writer)
        while not any(one.transport.get_write_buffer_size() for one in server.state.connections):
            writer.write(GET.replace(b"/healthz", b"/v1/models/cnn"))
            await asyncio.sleep(0.001)
        while server.state.connections:
            await asyncio.sleep(0.01)

    server.talk(talk)


def test_a_client_that_sends_and_never_reads_is_disconnected(registry: Registry) -> None:
    """The bytes that are kept and the unread responses of a connection are limited, in time too."""
    server = InProcessServer(registry, receive_seconds=0.5)

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        waiting = 0
        open_connections: set[Any] = server.state.connections
        while not open_connections:
            await asyncio.sleep(0)
        read_little(server, writer)
        while open_connections or not waiting:
            await asyncio.sleep(0)
            with suppress(ConnectionError, TimeoutError):
                writer.write(WHOLE * 200)
                await asyncio.wait_for(writer.drain(), 0.1)
            for connection in open_connections:
                size = connection.transport.get_write_buffer_size() + connection._stream.kept
                waiting = max(waiting, size)
        return waiting

    assert 0 < server.talk(talk) < 450_000
