"""Timeouts and header limits against slow clients."""

import json
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.support.pictures import as_bytes
from tests.support.servers import Server, serve

POST = b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\n"
SPLIT = b"|"  # a pause between two pieces
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def strict_server() -> Iterator[Server]:
    """Return a running server with a receive timeout of half a second and one slot."""
    limits = {"RECEIVE_SECONDS": "0.5", "IDLE_SECONDS": "1", "MAX_HEADER_BYTES": "4096"}
    limits |= {"MAX_CONCURRENT": "1", "WAIT_SECONDS": "0"}
    with serve(**{f"DIGITS_{name}": value for name, value in limits.items()}) as server:
        yield server


def connect(server: Server) -> socket.socket:
    """Open a connection."""
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def drip(connection: socket.socket, piece: bytes) -> tuple[bytes, float]:
    """Send a piece repeatedly; return the response, and the seconds until the close."""
    began, answer = time.perf_counter(), b""
    connection.settimeout(0.05)
    while time.perf_counter() - began < 8:
        try:
            connection.sendall(piece)
            received = connection.recv(65536)
        except TimeoutError:
            continue
        except OSError:
            break
        if not received:
            break
        answer += received
    return answer, time.perf_counter() - began


@pytest.mark.parametrize(
    ("start", "piece", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n", b"X-A: b\r\n", b"408"),
        (b"GET /", b"a", b"408"),
        (POST + b"Content-Length: 100000\r\n\r\n", b"a", b"408"),
        (CHUNKED, b"1\r\na\r\n", b"408"),
        (POST + b"Expect: 100-continue\r\nContent-Length: 9999\r\n\r\n", b"a", b"408"),
        (b"", b"\r\n", b""),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"\r\n", b"200"),
    ],
    ids=["header", "path", "body", "chunks", "continue", "nothing", "after an answer"],
)
def test_a_slow_request_times_out(
    strict_server: Server, start: bytes, piece: bytes, status: bytes
) -> None:
    """A request that arrives byte by byte (slowloris) gets 408 at the receive timeout."""
    with connect(strict_server) as connection:
        connection.sendall(start)
        answer, seconds = drip(connection, piece)

    lines = answer.split(b"\r\n")
    statuses = [line.split()[1] for line in lines if line.startswith(b"HTTP/1.1 ")]
    assert [one for one in statuses if one != b"100"] == ([status] if status else [])
    assert 0.4 < seconds < 3
    if status == b"408":
        assert b"connection: close" in [line.lower() for line in lines]
        assert json.loads(answer.rpartition(b"\r\n\r\n")[2])["status"] == 408
    answered = httpx.post(f"{strict_server.url}/v1/predictions", content=as_bytes())
    assert answered.status_code == 200


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_an_idle_connection_is_closed(strict_server: Server, sent: bytes) -> None:
    """A connection is closed at its timeout, without a request and after a response."""
    with connect(strict_server) as connection:
        connection.sendall(sent)
        began = time.perf_counter()
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer[:15] == (b"HTTP/1.1 200 OK" if sent else b"")
    assert 0.4 < time.perf_counter() - began < 4


def test_a_request_in_pieces_is_answered(strict_server: Server) -> None:
    """Requests in small pieces are answered if they arrive in time."""
    picture = as_bytes()
    request = POST + b"Content-Length: %d\r\n\r\n" % len(picture) + picture
    with connect(strict_server) as connection:
        for _ in range(2):
            for start in range(0, len(request), 60):
                connection.sendall(request[start : start + 60])
                time.sleep(0.02)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 5000,
        b"GET /" + b"a" * 5000,
        b"GET /healthz HTTP/1.1\r\n" + b"X: a\r\n" * 1000,
        b"GET /healthz HTTP/1.1\r\n" + b"X: a\r\n" * 1000 + b"\r\n",
        POST + b"X: " + b"a" * 5000 + b"\r\nContent-Length: 3\r\n\r\nabc",
        CHUNKED + SPLIT + b"1;" + b"a" * 5000,
        CHUNKED + SPLIT + b"0\r\nX: " + b"a" * 5000,
    ],
    ids=["field", "path", "fields", "whole", "with body", "chunk size", "trailer"],
)
def test_a_header_is_limited_while_it_arrives(strict_server: Server, request_bytes: bytes) -> None:
    """A long header, chunk size or trailer gets 431, and the connection is closed."""
    with connect(strict_server) as connection:
        for piece in request_bytes.split(SPLIT):
            connection.sendall(piece)
            time.sleep(0.05)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"header: expected at most 4096 bytes, got more" in answer
    metrics = httpx.get(f"{strict_server.url}/metrics").text
    assert 'duration_seconds_count{route="other",status="431"}' in metrics


def test_the_header_limit_does_not_count_the_body(strict_server: Server) -> None:
    """A header below the limit is accepted with a large body in the same piece."""
    headers = {"X-A": "a" * 3000}
    url = f"{strict_server.url}/v1/predictions"

    assert httpx.post(url, content=bytes(200_000), headers=headers).status_code == 415
    assert httpx.post(url, content=as_bytes(300), headers=headers).status_code == 200


def test_many_slow_clients_do_not_block_the_service(strict_server: Server) -> None:
    """With 200 incomplete requests probes are answered, and predictions after their timeout."""
    half = POST + b"Content-Length: 1000\r\n\r\nhalf"
    connections = [connect(strict_server) for _ in range(200)]
    for number, connection in enumerate(connections):
        connection.sendall(half if number % 2 else POST)
    alive = httpx.get(f"{strict_server.url}/healthz").status_code
    time.sleep(1.2)
    answer = httpx.post(f"{strict_server.url}/v1/predictions", content=as_bytes())
    for connection in connections:
        connection.close()

    assert alive == 200
    assert answer.status_code == 200
