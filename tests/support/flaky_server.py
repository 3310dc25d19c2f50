"""HTTP server in front of another that fails as it is told, and then forwards requests."""

import http.client
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

Failure = Callable[["_Handler"], None]


@dataclass(frozen=True, slots=True)
class Received:
    """Request that has arrived: when, in seconds, and over which connection."""

    method: str
    path: str
    time: float
    connection: int
    headers: dict[str, str]
    body: bytes


class FlakyServer(ThreadingHTTPServer):
    """A server that takes one of its ``failures`` for each request, and then forwards the rest."""

    daemon_threads = True

    def __init__(self, target: str, *failures: Failure) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target.removeprefix("http://")
        self.failures = list(failures)
        self.received: list[Received] = []
        self.running = self.most_running = 0
        self.lock = threading.Lock()
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        """Return the base URL."""
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def pauses(self) -> list[float]:
        """Return the seconds between the requests."""
        times = [one.time for one in self.received]
        return [later - earlier for earlier, later in pairwise(times)]

    def handle_error(self, *_: object) -> None:
        """Ignore clients that close the connection."""


class _Handler(BaseHTTPRequestHandler):
    server: FlakyServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        now = time.monotonic()
        self.body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        place = self.client_address[1]
        with self.server.lock:
            self.server.received.append(
                Received(self.command, self.path, now, place, headers, self.body)
            )
            failure = self.server.failures.pop(0) if self.server.failures else forward
            self.server.running += 1
            self.server.most_running = max(self.server.most_running, self.server.running)
        try:
            failure(self)
        finally:
            with self.server.lock:
                self.server.running -= 1

    do_GET = do_DELETE = do_POST  # noqa: N815 - names of http.server

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        """Send a whole response."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def forward(handler: _Handler) -> None:
    """Let the server behind answer."""
    connection = http.client.HTTPConnection(handler.server.target, timeout=20)
    headers = {name: value for name, value in handler.headers.items() if name != "Host"}
    connection.request(handler.command, handler.path, handler.body, headers)
    got = connection.getresponse()
    handler.answer(got.status, got.read(), Content_Type=got.headers["content-type"])
    connection.close()


def refuse(status: int, retry_after: str | None = None, body: bytes = b"") -> Failure:
    """Answer with an error."""

    def failure(handler: _Handler) -> None:
        headers = {"Retry_After": retry_after} if retry_after else {}
        handler.answer(status, body, **headers)

    return failure


def reply(body: bytes, status: int = 200) -> Failure:
    """Answer with a JSON document."""
    return lambda handler: handler.answer(status, body, Content_Type="application/json")


def reset(handler: _Handler) -> None:
    """Reset the connection without an answer."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def cut_off(handler: _Handler) -> None:
    """Announce a body, send a part of it and close the connection."""
    handler.close_connection = True
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"digit"')


def silent(handler: _Handler) -> None:
    """Answer nothing until the server closes."""
    handler.close_connection = True
    handler.server.closing.wait(20)


def drip(handler: _Handler) -> None:
    """Send a body without an end, a byte at a time."""
    handler.close_connection = True
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.closing.wait(0.05):
        handler.wfile.write(b" ")


@contextmanager
def flaky(target: str, *failures: Failure) -> Iterator[FlakyServer]:
    """Run a server in a thread while the block runs."""
    server = FlakyServer(target, *failures)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
