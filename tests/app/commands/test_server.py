"""Connection of the commands to a server: retries, and the error when they do not help."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from app.commands.exit_codes import UNREACHABLE, USAGE, CommandError
from app.commands.server import ServerConnection


@contextmanager
def scripted(*answers: tuple[int, dict[str, str], bytes]) -> Iterator[str]:
    """Run a server that gives these answers, the last one again and again; yield its URL."""
    remaining = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = remaining.pop(0) if len(remaining) > 1 else remaining[0]
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again(status: int) -> None:
    """After Retry-After, or a short pause."""
    with scripted((status, {"Retry-After": "0"}, b""), (200, {}, b"[1]")) as url:
        server = ServerConnection(url)
        assert server.get("/") == [1]
        server.close()


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        ((503, {}, b""), "expected a server that answers, got: answers with 503", UNREACHABLE),
        ((429, {"Retry-After": "9"}, b""), "answers with 429", UNREACHABLE),
        ((200, {}, b"<html>"), "expected digitserve, got 200 without JSON", UNREACHABLE),
        ((500, {}, b"{}"), "500, no reason given", UNREACHABLE),
        ((403, {}, b'{"detail": "reason"}'), "403, reason", USAGE),
    ],
)
def test_other_answers_are_errors(
    answer: tuple[int, dict[str, str], bytes], error: str, code: int
) -> None:
    """One line, and the exit code."""
    with scripted(answer) as url:
        server = ServerConnection(url, patience=0.5)
        with pytest.raises(CommandError, match=error) as caught:
            server.get("/")
        server.close()

    assert caught.value.code == code


def test_no_server_is_unreachable(free_port: int) -> None:
    """Exit code 4, after some attempts."""
    server = ServerConnection(f"http://127.0.0.1:{free_port}", patience=0.5)
    with pytest.raises(CommandError, match="expected a server that answers, got: ") as caught:
        server.get("/")
    server.close()

    assert caught.value.code == UNREACHABLE


@pytest.mark.parametrize("url", ["ftp://x", "x", "http://x:y", ""])
def test_other_urls_are_wrong_arguments(url: str) -> None:
    """Without any attempt."""
    with pytest.raises(CommandError) as caught:
        ServerConnection(url).get("/")

    assert caught.value.code == USAGE
