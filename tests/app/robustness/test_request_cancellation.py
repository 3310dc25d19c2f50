"""Clients that go away at every point of a request, and leave nothing behind."""

import socket
import time

import httpx
import pytest

from tests.support.pictures import as_bytes, encode, two
from tests.support.servers import Server, serve

PICTURE = as_bytes()
HEAD = b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
SMALL = HEAD % len(PICTURE) + PICTURE
PHOTO = encode(two(2000).convert("RGB"), "JPEG")


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST /v1/pred",
        HEAD % 1000,
        HEAD % 1000 + b"half",
        SMALL,
        SMALL * 3,
        HEAD % len(PHOTO) + PHOTO,
    ],
    ids=["nothing", "header", "no body", "half", "small", "pipelined", "photo"],
)
@pytest.mark.parametrize("reset", [True, False])
def test_a_client_that_goes_away(roomy: Server, sent: bytes, reset: bool) -> None:
    """Whether it closes or resets: no error, nothing in flight, no place taken."""
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", roomy.port), timeout=10) as connection:
            if reset:  # closing sends RST
                linger = (1).to_bytes(4, "little") + bytes(4)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            connection.sendall(sent)
            time.sleep(0.01)

    assert _in_flight(roomy) == 0
    assert not [line for line in roomy.log if "Traceback" in line or "internal error" in line]


def test_a_client_that_does_not_wait_for_its_turn() -> None:
    """Those that queued and left take no turn from those that stay."""
    with serve(DIGITS_MAX_CONCURRENT="1", DIGITS_WAIT_SECONDS="5") as server:
        holder = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        holder.sendall(HEAD % 1000)
        time.sleep(0.1)
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
                one.sendall(SMALL)
        holder.close()
        answer = httpx.post(f"{server.url}/v1/predictions", content=PICTURE)

        assert answer.status_code == 200
        assert _in_flight(server) == 0


def _in_flight(server: Server) -> float:
    """Return how many requests are not answered, once none is or two seconds have passed."""
    end = time.monotonic() + 2
    while True:
        lines = httpx.get(f"{server.url}/metrics").text.splitlines()
        name = "digitserve_requests_in_flight "
        count = float(next(line for line in lines if line.startswith(name)).split()[1])
        if count == 0 or time.monotonic() > end:
            return count
        time.sleep(0.02)
