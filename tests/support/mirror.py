"""A local HTTP mirror with configurable failures."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["_Handler"], None]


class Mirror(ThreadingHTTPServer):
    """A server that gives its answers in order, one per request, and then repeats the last.

    ``requests`` are the paths that were asked for.
    """

    daemon_threads = True

    def __init__(self, *answers: Answer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = list(answers)
        self.requests: list[str] = []
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        """Return the base address of the files."""
        return f"http://127.0.0.1:{self.server_port}/mnist/"

    def handle_error(self, *_: object) -> None:
        """Ignore clients that close the connection."""


class _Handler(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        answers = self.server.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        answer(self)

    def log_message(self, *_: object) -> None:
        pass

    def send_head(self, status: int, **headers: str | int) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()


@contextmanager
def serving(*answers: Answer) -> Iterator[Mirror]:
    """Run a mirror in a thread while the block runs."""
    mirror = Mirror(*answers)
    thread = threading.Thread(target=mirror.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield mirror
    finally:
        mirror.closing.set()
        mirror.shutdown()
        mirror.server_close()
        thread.join()


def body(content: bytes) -> Answer:
    """Answer with a body, whole."""

    def answer(handler: _Handler) -> None:
        handler.send_head(200, Content_Length=len(content))
        handler.wfile.write(content)

    return answer


def status(code: int) -> Answer:
    """Answer with a status and a short body."""

    def answer(handler: _Handler) -> None:
        handler.send_head(code, Content_Length=5)
        handler.wfile.write(b"sorry")

    return answer


def redirect(url: str) -> Answer:
    """Send the client to a file elsewhere."""

    def answer(handler: _Handler) -> None:
        handler.send_head(302, Location=url, Content_Length=0)

    return answer


def broken_off(content: bytes) -> Answer:
    """Announce a body, send half of it and close the connection."""

    def answer(handler: _Handler) -> None:
        _send_half(handler, content)

    return answer


def silent(handler: _Handler) -> None:
    """Take the request and send no answer until the client has given up."""
    if not handler.server.closing.wait(5.0):
        handler.send_head(404)


def endless(handler: _Handler) -> None:
    """Send a body without a length and without an end (64 MB at most)."""
    handler.send_head(200)
    for _ in range(1000):
        handler.wfile.write(bytes(64_000))


def control_c(content: bytes) -> Answer:
    """Send half of a body, then send SIGINT to this process."""

    def answer(handler: _Handler) -> None:
        _send_half(handler, content)
        handler.wfile.flush()
        os.kill(os.getpid(), signal.SIGINT)
        handler.server.closing.wait()

    return answer


def _send_half(handler: _Handler, content: bytes) -> None:
    handler.send_head(200, Content_Length=len(content))
    handler.wfile.write(content[: len(content) // 2])
