"""A reader of the log that stops: the service goes on; lost lines are counted and reported."""

import fcntl
import json
import os
import pty
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.support.pictures import as_bytes
from tests.support.servers import COMMAND

# The service with a small buffer, so that few requests fill it.
SMALL_BUFFER = """
import runpy
from app.telemetry.log import log_writer
log_writer.MAX_LINES = 5
runpy.run_module("app", run_name="__main__")
"""

REQUESTS = 120


class BlockedServer:
    """A server whose log nobody reads after its start; its pipe takes one page."""

    def __init__(self, port: int, workers: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._reading, writing = os.pipe()
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
        settings = {"DIGITS_PORT": port, "DIGITS_WORKERS": workers, "DIGITS_DRAIN_SECONDS": 0}
        environment = os.environ | {name: str(value) for name, value in settings.items()}
        command = [sys.executable, "-c", SMALL_BUFFER]
        self.process = subprocess.Popen(command, env=environment, stderr=writing)
        os.close(writing)

    def wait_until_ready(self) -> None:
        """Wait until the server answers."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise TimeoutError("server: expected it to be ready within 30 s")

    def ask(self) -> list[int]:
        """Send requests that fill pipe and buffer, each over its own connection."""
        close = {"Connection": "close"}
        with httpx.Client(base_url=self.url, headers=close, timeout=5) as client:
            return [
                client.post("/v1/predictions", content=as_bytes()).status_code
                for _ in range(REQUESTS)
            ]

    def lost(self) -> float:
        """Return the number of lost lines in the metrics."""
        text = httpx.get(f"{self.url}/metrics").text
        values = re.findall(r"^digitserve_log_lines_lost_total{.*} (.*)$", text, re.MULTILINE)
        return sum(map(float, values))

    def read_log(self) -> Iterator[bytes]:
        """Yield the lines of the log up to its end."""
        with os.fdopen(self._reading, "rb") as log:
            yield from log


@contextmanager
def serve_blocked(port: int, workers: int) -> Iterator[BlockedServer]:
    """Run a server whose log nobody reads."""
    server = BlockedServer(port, workers)
    try:
        server.wait_until_ready()
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
        server.process.wait()


@pytest.mark.parametrize("workers", [1, 2])
def test_the_service_goes_on(free_port: int, workers: int) -> None:
    """If nobody reads the log, requests are answered, and SIGTERM ends all processes with 0."""
    with serve_blocked(free_port, workers) as server:
        statuses = server.ask()
        probe = httpx.get(f"{server.url}/healthz", timeout=5).status_code
        server.process.terminate()
        code = server.process.wait(timeout=20)

    assert (set(statuses), probe, code) == ({200}, 200, 0)


def test_a_terminal_that_is_stopped_does_not_stop_the_service(free_port: int) -> None:
    """After Ctrl-S in the terminal, requests are answered, and SIGTERM ends the process."""
    ours, theirs = pty.openpty()
    settings = {"DIGITS_PORT": str(free_port), "DIGITS_DRAIN_SECONDS": "0"}
    process = subprocess.Popen(COMMAND, env=os.environ | settings, stderr=theirs)
    os.close(theirs)
    url = f"http://127.0.0.1:{free_port}"
    try:
        while b"Uvicorn running on" not in os.read(ours, 4096):
            pass
        os.write(ours, b"\x13")
        with httpx.Client(base_url=url, timeout=5) as client:
            statuses = [
                client.post("/v1/predictions", content=as_bytes()).status_code for _ in range(20)
            ]
            statuses.append(client.get("/healthz").status_code)
        process.terminate()
        code = process.wait(timeout=20)
    finally:
        process.kill()
        process.wait()
        os.close(ours)

    assert (set(statuses), code) == ({200}, 0)


def test_lost_lines_are_counted_and_reported(free_port: int) -> None:
    """The metric and `log lines lost` have the number of lines that are missing in the log."""
    with serve_blocked(free_port, 1) as server:
        server.ask()
        lost = server.lost()
        lines: list[bytes] = []
        reader = threading.Thread(target=lambda: lines.extend(server.read_log()))
        reader.start()
        time.sleep(0.5)
        server.process.terminate()
        server.process.wait(timeout=20)
        reader.join(timeout=5)

    events = [json.loads(line) for line in lines]
    told = [event["count"] for event in events if event["event"] == "log lines lost"]
    assert lost > 0
    assert sum(told) == lost
    assert sum(event["event"] == "request" for event in events) == REQUESTS - lost
