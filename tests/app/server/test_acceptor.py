"""Acceptor: all waiting connections are accepted, also if file descriptors were missing."""

import asyncio
import errno
import os
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.server.acceptor import Acceptor


class Greeting(asyncio.Protocol):
    """Protocol that sends a byte to each client."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send, and close."""
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"x")
        transport.close()


class Listener(socket.socket):
    """Listening socket whose ``accept`` fails with the given error numbers before it works."""

    def __init__(self, *failures: int) -> None:
        super().__init__()
        self.bind(("127.0.0.1", 0))
        self.listen(100)
        self.failures = list(failures)
        self.attempts = 0

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection, or fail."""
        self.attempts += 1
        if self.failures:
            raise OSError(self.failures.pop(), "expected failure")
        return super().accept()


def run(
    listener: Listener, use: Callable[[Acceptor, list[socket.socket]], Awaitable[None]]
) -> list[bytes]:
    """Use an acceptor while 20 clients wait; return what each has received."""
    clients = [socket.create_connection(listener.getsockname(), timeout=5) for _ in range(20)]

    async def work() -> None:
        await use(Acceptor(listener, Greeting, at_once=1), clients)
        await asyncio.sleep(0.01)

    asyncio.run(work())
    try:
        return [client.recv(10) for client in clients]
    finally:
        for client in clients:
            client.close()


async def serve_shortly(acceptor: Acceptor, clients: list[socket.socket]) -> None:
    """Accept for a while."""
    acceptor.start()
    await asyncio.sleep(0.5)
    await acceptor.stop(whole_service=True)


async def stop_at_once(acceptor: Acceptor, clients: list[socket.socket]) -> None:
    """Stop before a connection has been accepted."""
    acceptor.start()
    await acceptor.stop(whole_service=True)


def test_connections_that_wait_are_accepted_at_the_end() -> None:
    """A listening socket is closed when no connection waits any more."""
    assert run(Listener(), stop_at_once) == [b"x"] * 20


def test_missing_descriptors_at_the_end_are_waited_for() -> None:
    """If no file descriptor is free at the end, the acceptor tries again."""
    assert run(Listener(errno.EMFILE), stop_at_once) == [b"x"] * 20


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EPERM])
def test_an_error_pauses_the_acceptor(number: int) -> None:
    """An error is logged one time, and the acceptor continues after a pause."""
    listener = Listener(number, number)
    with capture_logs() as logged:
        received = run(listener, serve_shortly)

    assert received == [b"x"] * 20
    assert listener.attempts < 40
    assert [line["event"] for line in logged] == [
        "new connections wait",
        "new connections are accepted again",
    ]


def test_a_client_that_has_gone_is_no_error() -> None:
    """A connection that ended before it was accepted does not pause the acceptor."""
    with capture_logs() as logged:
        received = run(Listener(errno.ECONNABORTED), serve_shortly)

    assert (received, logged) == ([b"x"] * 20, [])


def test_another_process_accepts_what_waits() -> None:
    """A worker that stops alone leaves the waiting connections, and new ones, to the others."""
    listener = Listener()

    async def stop_alone(acceptor: Acceptor, clients: list[socket.socket]) -> None:
        other = socket.socket(fileno=os.dup(listener.fileno()))
        await acceptor.stop(whole_service=False)
        clients.append(socket.create_connection(other.getsockname(), timeout=5))
        await serve_shortly(Acceptor(other, Greeting, at_once=1), clients)

    assert run(listener, stop_alone) == [b"x"] * 21
