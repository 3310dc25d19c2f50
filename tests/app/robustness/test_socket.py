"""Sockets: IPv6, and a limit of open files (file descriptors)."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack

import httpx
import pytest

from app.server.acceptor import RESERVED_DESCRIPTORS
from app.server.system_limits import MIN_OPEN_FILES
from tests.support.pictures import as_bytes
from tests.support.processes import cpu_seconds, open_files, wait_until
from tests.support.servers import Server, run_to_the_end, serve


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not _has_ipv6(), reason="needs IPv6 on the loopback interface")


@needs_ipv6
@pytest.mark.parametrize(
    ("host", "reached"),
    [("::1", ["[::1]"]), ("::", ["[::1]", "127.0.0.1"]), ("0.0.0.0", ["127.0.0.1"])],
)
def test_it_serves_over_ipv6(host: str, reached: list[str]) -> None:
    """IPv6 addresses are printed in brackets and served; `::` is served over IPv4, too."""
    shown = f"[{host}]" if ":" in host else host
    with serve(DIGITS_HOST=host) as server:
        urls = [f"http://{name}:{server.port}" for name in reached]
        answers = [httpx.post(f"{url}/v1/predictions", content=as_bytes()) for url in urls]

        assert [answer.status_code for answer in answers] == [200] * len(urls)
        assert any(f"running on http://{shown}:{server.port} " in line for line in server.log)
        assert health(DIGITS_HOST=host, DIGITS_PORT=str(server.port)) == 0


@needs_ipv6
def test_one_ipv6_address_is_not_served_over_ipv4() -> None:
    """With `::1`, the port on 127.0.0.1 stays free, and the health check there fails."""
    with serve(DIGITS_HOST="::1") as server, socket.socket() as connection:
        assert connection.connect_ex(("127.0.0.1", server.port)) != 0
        assert health(DIGITS_HOST="127.0.0.1", DIGITS_PORT=str(server.port)) == 1


def health(**environment: str) -> int:
    """Return the exit code of the container's health check."""
    command = [sys.executable, "-m", "app.healthcheck"]
    return subprocess.run(command, env=os.environ | environment, check=False).returncode


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "2001:db8::1", "no.such.host.invalid", "x" * 70, "a..b"]
)
def test_a_host_that_cannot_be_used_is_reported(host: str) -> None:
    """For an address of another machine or an invalid name, one line says so; exit code 1."""
    done = run_to_the_end(DIGITS_HOST=host)

    assert done.returncode == 1
    assert sum("cannot listen" in line and host in line for line in done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_starts_with_64_open_files(workers: str) -> None:
    """With `ulimit -n 64` the service serves."""
    with (
        serve(launcher="ulimit -n 64; exec", DIGITS_WORKERS=workers) as server,
        httpx.Client(base_url=server.url, headers={"Connection": "close"}) as client,
    ):
        statuses = [
            client.post("/v1/predictions", content=as_bytes()).status_code for _ in range(100)
        ]

    assert statuses == [200] * 100


def test_too_few_open_files_are_reported() -> None:
    """Below the least number of open files one line says so, and the exit code is 1."""
    done = run_to_the_end(launcher="ulimit -n 40; exec")

    assert done.returncode == 1
    assert done.stderr == (
        f"digitserve: open files (ulimit -n): expected at least {MIN_OPEN_FILES}, got 40\n"
    )


def test_without_file_descriptors_new_connections_wait() -> None:
    """At the limit new connections wait without cost, logged once; they are served afterwards."""
    with (
        serve(launcher="ulimit -n 80; exec", DIGITS_DRAIN_SECONDS="0") as server,
        ExitStack() as stack,
    ):
        idle = [connect(server, stack) for _ in range(100)]
        wait_until(lambda: lines(server, "new connections wait") != [])
        waiting = connect(server, stack)
        waiting.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        before = cpu_seconds(server.process.pid)
        time.sleep(0.7)
        used = cpu_seconds(server.process.pid) - before
        files = open_files(server.process.pid)
        for connection in idle:
            connection.close()
        answer = waiting.recv(1000)
        wait_until(lambda: lines(server, "accepted again") != [])

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert used < 0.2
    assert files <= 80 - RESERVED_DESCRIPTORS + 2
    assert len(lines(server, "new connections wait")) == 1
    assert json.loads(lines(server, "new connections wait")[0])["max_open_files"] == 80


def connect(server: Server, stack: ExitStack) -> socket.socket:
    """Connect to a server, until the stack is closed."""
    return stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))


def lines(server: Server, text: str) -> list[str]:
    """Return the log lines with a text."""
    return [line for line in server.log if text in line]


def test_a_closed_standard_error_loses_the_log_only(free_port: int) -> None:
    """Without standard streams (`2>&-`) the service serves, and writes the log to no socket."""
    url = f"http://127.0.0.1:{free_port}"
    launcher = "exec <&- >&- 2>&-; exec"
    with serve(launcher=launcher, DIGITS_PORT=str(free_port), DIGITS_DRAIN_SECONDS="0") as server:
        wait_until(lambda: answers(f"{url}/readyz"))
        names = [os.readlink(f"/proc/{server.process.pid}/fd/{number}") for number in range(3)]
        status = httpx.post(f"{url}/v1/predictions", content=as_bytes()).status_code
        server.process.terminate()

        assert server.end() == 0
    assert status == 200
    assert names == [os.devnull] * 3


def answers(url: str) -> bool:
    """Return whether a URL answers with 200."""
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False
