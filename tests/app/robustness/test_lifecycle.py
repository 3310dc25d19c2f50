"""Shutdown under load."""

import signal
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.support.load import Report, Request, send
from tests.support.pictures import as_bytes, encode, two
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
