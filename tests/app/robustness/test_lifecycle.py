"""Shutdown under load."""

import asyncio
import signal
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.support.load import Report, Request, send
from tests.support.pictures import as_bytes, encode, two
from tests.support.processes import wait_until
from tests.support.reconnecting import ReconnectingLoad
from tests.support.servers import Server, serve


def until_not_ready(server: Server, seen: threading.Event) -> None:
    """Poll /readyz, as a load balancer does, until the status is 503."""
    while httpx.get(f"{server.url}/readyz").status_code == 200:
        time.sleep(0.05)
    seen.set()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_sigterm_under_load_loses_no_request(workers: str) -> None:
    """If SIGTERM comes under load, all requests that clients have sent are answered."""
    requests = [Request("small", body=as_bytes())] * 9
    requests.append(Request("large", body=encode(two(1200).convert("RGB"), "JPEG")))
    stop = threading.Event()

    def unending() -> Iterator[Request]:
        while not stop.is_set():
            yield from requests

    with serve(DIGITS_DRAIN_SECONDS="1", DIGITS_WORKERS=workers, DIGITS_WAIT_SECONDS="9") as server:
        reports: list[Report] = []
        assert httpx.get(f"{server.url}/readyz").status_code == 200
        watch = threading.Thread(target=until_not_ready, args=[server, stop])
        load = threading.Thread(target=lambda: reports.append(send(server, unending(), clients=8)))
        watch.start()
        load.start()
        time.sleep(0.7)
        server.process.send_signal(signal.SIGTERM)
        load.join()
        watch.join()

        assert server.end() == 0
    assert set(reports[0].statuses) == {200}
    assert reports[0].answers.total() > 50
    assert "Traceback" not in "".join(server.log)


def test_keep_alive_ends_with_the_drain() -> None:
    """During the drain period each response closes its connection."""
    with serve(DIGITS_DRAIN_SECONDS="2") as server, httpx.Client(base_url=server.url) as client:
        before = client.get("/healthz").headers.get("connection")
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        during = client.get("/healthz").headers.get("connection")

    assert (before, during) == (None, "close")


@pytest.mark.parametrize("workers", ["1", "4"])
def test_sigterm_resets_no_connection(workers: str) -> None:
    """Each connection that the system has accepted is answered, until the port refuses others.

    ``python -m benchmarks.termination`` does this with 20,000 requests.
    """
    with serve(
        DIGITS_WORKERS=workers, DIGITS_DRAIN_SECONDS="0.2", DIGITS_WAIT_SECONDS="9"
    ) as server:
        load = ReconnectingLoad(server.port)

        async def measure() -> None:
            running = asyncio.create_task(load.run(clients=32))
            await load.wait_until_sent(200)
            server.process.terminate()
            await running

        asyncio.run(measure())

        assert server.end() == 0
    assert load.counts["lost"] == 0
    assert load.counts["200"] == load.counts["sent"] > 200
    assert load.counts["refused"] == 32


def test_a_connection_made_before_the_end_may_still_send() -> None:
    """A request that arrives a moment after the drain, or in two pieces, is answered."""
    head = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
    with (
        serve(DIGITS_DRAIN_SECONDS="0") as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as silent,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as half,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as unused,
    ):
        half.sendall(head[:10])
        assert httpx.get(f"{server.url}/healthz").status_code == 200  # it handles signals now
        server.process.terminate()
        wait_until(lambda: any("Shutting down" in line for line in server.log))
        time.sleep(0.2)
        silent.sendall(head + b"\r\n")
        half.sendall(head[10:] + b"\r\n")
        answers = [connection.recv(1000) for connection in (silent, half, unused)]

        assert server.end() == 0
    assert [answer[:12] for answer in answers] == [b"HTTP/1.1 200", b"HTTP/1.1 200", b""]
