"""Load generator: sends requests over several connections and reports the responses."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Protocol

from tests.support.memory import MEGABYTE, resident_bytes
from tests.support.servers import Server


@dataclass(frozen=True, slots=True)
class Request:
    """A request, with a name of its kind for the report."""

    kind: str
    path: str = "/v1/predictions"
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"


@dataclass(slots=True)
class Report:
    """Responses by kind and status; status 0 is a connection closed without a response."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    slowest: float = 0.0
    slowest_kind: str = ""
    growth: float = 0.0  # MB, after the warm-up
    seconds: float = 0.0

    def note(self, kind: str, status: int, seconds: float) -> None:
        """Add a response."""
        self.answers[kind, status] += 1
        if seconds > self.slowest:
            self.slowest, self.slowest_kind = seconds, kind

    @property
    def statuses(self) -> Counter[int]:
        """Return the number of responses by status."""
        total: Counter[int] = Counter()
        for (_, status), count in self.answers.items():
            total[status] += count
        return total

    def __str__(self) -> str:
        """Return the report as text."""
        statuses = ", ".join(f"{count} x {s}" for s, count in sorted(self.statuses.items()))
        return (
            f"{self.answers.total()} requests in {self.seconds:.0f} s: {statuses}\n"
            f"slowest answer: {self.slowest:.3f} s ({self.slowest_kind})\n"
            f"memory: {self.growth:+.1f} MB since the warm-up"
        )


class Listener(Protocol):
    """A program that listens on a port of this machine."""

    @property
    def port(self) -> int:
        """Return the port."""


def send(server: Listener, requests: Iterable[Request], *, clients: int = 4) -> Report:
    """Send every request one time, over ``clients`` concurrent connections."""
    report, lock, todo = Report(), threading.Lock(), iter(requests)

    def work(_: int) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as one:
            while True:
                with lock:
                    request = next(todo, None)
                if request is None:
                    return
                began = time.perf_counter()
                status = _ask(one, request)
                with lock:
                    report.note(request.kind, status, time.perf_counter() - began)

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(work, range(clients)))
    report.seconds = time.perf_counter() - began
    return report


def send_and_measure_memory(
    server: Server, warm_up: Iterable[Request], requests: Iterable[Request], *, clients: int = 4
) -> Report:
    """Send a warm-up and requests; measure the growth of memory after the warm-up."""
    send(server, warm_up, clients=clients)
    before = resident_bytes(server.process.pid)
    report = send(server, requests, clients=clients)
    report.growth = (resident_bytes(server.process.pid) - before) / MEGABYTE
    return report


def _ask(connection: http.client.HTTPConnection, request: Request) -> int:
    try:
        connection.request(request.method, request.path, body=request.body, headers=request.headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return 0
    return answer.status
