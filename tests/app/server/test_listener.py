"""Listening socket: at the end new connections are ignored, existing ones are served."""

import socket
import sys
from collections.abc import Iterator

import pytest

from app.server.listener import ignore_new_connections, open_listener


@pytest.fixture(params=["127.0.0.1", "::1"])
def listener(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    """Return a listening socket."""
    try:
        opened = open_listener(request.param, 0)
    except OSError:
        pytest.skip("needs IPv6 on the loopback interface")
    with opened:
        yield opened


def test_connections_that_were_made_before_are_served(listener: socket.socket) -> None:
    """Bytes arrive over a connection that waits, and over one that was accepted."""
    with (
        socket.create_connection(listener.getsockname()[:2], timeout=5) as first,
        socket.create_connection(listener.getsockname()[:2], timeout=5) as second,
        listener.accept()[0] as accepted,
    ):
        ignore_new_connections(listener)
        ignore_new_connections(listener)  # as the next worker does
        first.sendall(b"1")
        second.sendall(b"2")
        with listener.accept()[0] as waited:
            received = [connection.recv(10) for connection in (accepted, waited)]

    assert received == [b"1", b"2"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has this filter")
def test_later_connections_are_not_made(listener: socket.socket) -> None:
    """A client that comes later is not connected, so that the end of the socket resets nothing."""
    ignore_new_connections(listener)

    with pytest.raises(TimeoutError):
        socket.create_connection(listener.getsockname()[:2], timeout=0.3)


def test_other_systems_do_without_the_filter(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another system than Linux, later connections are still made."""
    monkeypatch.setattr(sys, "platform", "darwin")
    ignore_new_connections(listener)

    socket.create_connection(listener.getsockname()[:2], timeout=5).close()
