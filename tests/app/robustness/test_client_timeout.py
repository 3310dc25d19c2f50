"""Clients that send slowly, too much header, or nothing: nobody waits for them for ever."""

import json
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.support.pictures import as_bytes
from tests.support.servers import Server, serve

POST = b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\n"
SPLIT = b"|"  # where to wait
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def impatient() -> Iterator[Server]:
    """Return a server that waits for half a second, and has a place for one request."""
    limits = {"RECEIVE_SECONDS": "0.5", "IDLE_SECONDS": "1", "MAX_HEADER_BYTES": "4096"}
    limits |= {"MAX_CONCURRENT": "1", "WAIT_SECONDS": "0"}
    with serve(**{f"DIGITS_{name}": value for name, value in limits.items()}) as server:
        yield server


def connect(server: Server) -> socket.socket:
    """Return a connection."""
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def drip(connection: socket.socket, piece: bytes) -> tuple[bytes, float]:
    """Send a piece again and again; return what comes back, and after how long."""
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
def test_a_slow_sender_is_not_waited_for(
    impatient: Server, start: bytes, piece: bytes, status: bytes
) -> None:
    """Byte for byte (slowloris): 408 and the end, after the time that it may take and not later."""
    with connect(impatient) as connection:
        connection.sendall(start)
        answer, seconds = drip(connection, piece)

    lines = answer.split(b"\r\n")
    statuses = [line.split()[1] for line in lines if line.startswith(b"HTTP/1.1 ")]
    assert [one for one in statuses if one != b"100"] == ([status] if status else [])
    assert 0.4 < seconds < 3
    if status == b"408":
        assert b"connection: close" in [line.lower() for line in lines]
        assert json.loads(answer.rpartition(b"\r\n\r\n")[2])["status"] == 408
    answered = httpx.post(f"{impatient.url}/v1/predictions", content=as_bytes())
    assert answered.status_code == 200


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_an_idle_connection_is_closed(impatient: Server, sent: bytes) -> None:
    """One that never sent a request, and one that has its answer."""
    with connect(impatient) as connection:
        connection.sendall(sent)
        began = time.perf_counter()
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer[:15] == (b"HTTP/1.1 200 OK" if sent else b"")
    assert 0.4 < time.perf_counter() - began < 4


def test_a_request_in_pieces_is_answered(impatient: Server) -> None:
    """Slow, but in time; the next on the same connection, too."""
    picture = as_bytes()
    request = POST + b"Content-Length: %d\r\n\r\n" % len(picture) + picture
    with connect(impatient) as connection:
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
def test_a_header_is_limited_while_it_arrives(impatient: Server, request_bytes: bytes) -> None:
    """431 and the end, with or without the end of the header; also what is like one in a body."""
    with connect(impatient) as connection:
        for piece in request_bytes.split(SPLIT):
            connection.sendall(piece)
            time.sleep(0.05)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"header: expected at most 4096 bytes, got more" in answer
    metrics = httpx.get(f"{impatient.url}/metrics").text
    assert 'duration_seconds_count{route="other",status="431"}' in metrics


def test_a_header_below_the_limit_comes_with_any_body(impatient: Server) -> None:
    """Only the header counts: a large body in the same piece does not."""
    headers = {"X-A": "a" * 3000}
    url = f"{impatient.url}/v1/predictions"

    assert httpx.post(url, content=bytes(200_000), headers=headers).status_code == 415
    assert httpx.post(url, content=as_bytes(300), headers=headers).status_code == 200


def test_many_slow_senders_keep_nobody_out_for_long(impatient: Server) -> None:
    """A hundred half headers and a hundred half bodies: probes answer, and then all do."""
    half = POST + b"Content-Length: 1000\r\n\r\nhalf"
    connections = [connect(impatient) for _ in range(200)]
    for number, connection in enumerate(connections):
        connection.sendall(half if number % 2 else POST)
    alive = httpx.get(f"{impatient.url}/healthz").status_code
    time.sleep(1.2)
    answer = httpx.post(f"{impatient.url}/v1/predictions", content=as_bytes())
    for connection in connections:
        connection.close()

    assert alive == 200
    assert answer.status_code == 200
