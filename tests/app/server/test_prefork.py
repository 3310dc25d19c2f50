"""Prefork supervisor: replacement, shutdown and counters of several workers."""

import os
import signal
import socket
import sys
import time
from contextlib import ExitStack

import httpx
import pytest

from tests.support import servers
from tests.support.pictures import as_bytes
from tests.support.processes import children, wait_until
from tests.support.servers import Server, serve


def ask(server: Server, times: int) -> list[int]:
    """Return the statuses of ``times`` predictions, each on a new connection."""
    return [
        httpx.post(f"{server.url}/v1/predictions", content=as_bytes()).status_code
        for _ in range(times)
    ]


def sample(server: Server, name: str) -> float:
    """Return the value of a metric; ``name`` includes its labels."""
    lines = httpx.get(f"{server.url}/metrics").text.splitlines()
    return next((float(line.split()[-1]) for line in lines if line.startswith(name + " ")), 0.0)


ANSWERED = 'digitserve_request_duration_seconds_count{route="/v1/predictions",status="200"}'


def test_a_killed_worker_is_replaced_while_the_others_serve() -> None:
    """If a worker is killed, no request fails, a new one starts, and no count is lost."""
    with serve(DIGITS_WORKERS="2") as server:
        statuses = ask(server, 20)
        wait_until(lambda: sample(server, ANSWERED) == 20)  # counted after the response is sent
        before = children(server)
        killed = min(before)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: killed not in children(server))
        statuses += ask(server, 20)
        wait_until(lambda: len(children(server)) == 2)
        wait_until(lambda: sample(server, "digitserve_worker_starts_total") == 3)
        statuses += ask(server, 20)

        assert statuses == [200] * 60
        assert len(children(server) - before) == 1
        wait_until(lambda: sample(server, ANSWERED) == 60)
        assert any("worker died" in line and f'"process":{killed}' in line for line in server.log)


def test_sigterm_stops_all_workers_gracefully() -> None:
    """After SIGTERM all workers are not ready, finish their uploads and then refuse new ones."""
    body = as_bytes()
    head = b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
    with serve(DIGITS_WORKERS="2", DIGITS_DRAIN_SECONDS="3") as server, ExitStack() as stack:
        wait_until(lambda: sample(server, "digitserve_worker_starts_total") == 2)
        uploads = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))
            for _ in range(6)
        ]
        for upload in uploads:
            upload.sendall(head + body[:50])
        wait_until(lambda: sample(server, "digitserve_requests_in_flight") == 6)
        server.process.terminate()
        wait_until(lambda: "".join(server.log).count('"stopping"') == 2)
        ready = {httpx.get(f"{server.url}/readyz").status_code for _ in range(4)}
        wait_until(lambda: "".join(server.log).count("Shutting down") == 2)
        wait_until(lambda: refuses(server.port))
        for upload in uploads:
            upload.sendall(body[50:])
        answers = [read_to_the_end(upload) for upload in uploads]

        assert ready == {503}
        assert all(answer.startswith(b"HTTP/1.1 200 ") for answer in answers)
        assert server.end() == 0
        assert "Traceback" not in "".join(server.log)


def refuses(port: int) -> bool:
    """Return whether a port refuses connections."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) != 0


def read_to_the_end(connection: socket.socket) -> bytes:
    """Return the bytes that arrive until the server closes the connection."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_second_signal_ends_the_drain_of_all_workers() -> None:
    """A second SIGTERM ends the drain period of every worker."""
    with serve(DIGITS_WORKERS="2", DIGITS_DRAIN_SECONDS="60") as server:
        wait_until(lambda: sample(server, "digitserve_worker_starts_total") == 2)
        server.process.terminate()
        wait_until(lambda: httpx.get(f"{server.url}/readyz").status_code == 503)
        time.sleep(0.2)  # signals that arrive together are one request to stop
        server.process.terminate()

        assert server.end() == 0


def test_a_port_in_use_is_reported() -> None:
    """With a port in use the exit code is 1, and a log line gives the reason."""
    with serve() as first, serve(DIGITS_WORKERS="2", DIGITS_PORT=str(first.port)) as second:
        assert second.end() == 1
        assert any("ddress already in use" in line for line in second.log)


FAILING_FORK = """
import os, runpy
fork, failures = os.fork, [1, 1]
def fails_at_first():
    if failures:
        failures.pop()
        raise BlockingIOError(11, "Resource temporarily unavailable")
    return fork()
os.fork = fails_at_first
runpy.run_module("app", run_name="__main__")
"""


def test_a_failed_fork_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the system has no process left, the parent says so and tries again every second."""
    monkeypatch.setattr(servers, "COMMAND", [sys.executable, "-c", FAILING_FORK])
    with serve(DIGITS_WORKERS="2", DIGITS_DRAIN_SECONDS="0") as server:
        wait_until(lambda: "".join(server.log).count("startup complete") == 2)
        server.process.terminate()

        assert server.end() == 0
    failed = [line for line in server.log if "cannot start a worker, trying again" in line]
    assert len(failed) == 2
    assert "Resource temporarily unavailable" in failed[0]


DYING_WORKERS = """
import os, runpy, time
from app.telemetry.telemetry import Telemetry
Telemetry.start = lambda self, worker: os._exit(7)
runpy.run_module("app", run_name="__main__")
"""


def test_a_worker_is_started_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that dies at once after each start is started at most once per second."""
    monkeypatch.setattr(servers, "COMMAND", [sys.executable, "-c", DYING_WORKERS])
    with serve(DIGITS_WORKERS="2", DIGITS_DRAIN_SECONDS="0") as server:
        wait_until(lambda: "".join(server.log).count('"exit_code":7') >= 4)
        began = time.monotonic()
        wait_until(lambda: "".join(server.log).count('"exit_code":7') >= 6)
        seconds = time.monotonic() - began
        server.process.terminate()

        assert server.end() == 0
    assert seconds > 0.5
