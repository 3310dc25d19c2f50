"""HTTP clients of Python: http.client, urllib, urllib3, requests and httpx."""

import http.client
import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any

import httpx
import pytest

from tests.support.pictures import as_bytes
from tests.support.servers import Server

Send = Callable[..., tuple[int, Any]]

PICTURE = as_bytes()


def pieces() -> Iterator[bytes]:
    """Yield the picture in pieces: a body of unknown length, sent in chunks."""
    for start in range(0, len(PICTURE), 50):
        yield PICTURE[start : start + 50]


def test_http_client_keeps_one_connection(server: Server) -> None:
    """http.client sends raw, chunked, refused and again raw bodies over one connection."""
    bodies: list[Any] = [PICTURE, pieces(), b"no picture", bytes(200_001), PICTURE]
    statuses = []
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as one:
        one.connect()
        used = one.sock
        for body in bodies:
            one.request("POST", "/v1/predictions", body, {"X-Request-ID": "python"})
            answer = one.getresponse()
            document = json.loads(answer.read())
            statuses.append(answer.status)
            assert document["request_id"] == answer.headers["x-request-id"] == "python"

        assert one.sock is used
    assert statuses == [200, 200, 415, 413, 200]


def test_urllib_sends_a_stream(server: Server) -> None:
    """urllib.request, which closes each connection, sends bytes and an iterable."""
    for body in (PICTURE, pieces()):
        request = urllib.request.Request(
            f"{server.url}/v1/predictions", body, {"Content-Type": "image/png"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert json.load(answer)["digit"] == 2


@contextmanager
def with_requests() -> Iterator[Send]:
    """Send with a session of requests."""
    requests = pytest.importorskip("requests")
    with requests.Session() as session:

        def send(url: str, raw: Any = None, files: Any = None) -> tuple[int, Any]:
            answer = session.post(url, data=raw, files=files, timeout=20)
            return answer.status_code, answer.json()

        yield send


@contextmanager
def with_urllib3() -> Iterator[Send]:
    """Send with a pool of urllib3."""
    urllib3 = pytest.importorskip("urllib3")
    with urllib3.PoolManager(timeout=20, retries=False) as pool:

        def send(url: str, raw: Any = None, files: Any = None) -> tuple[int, Any]:
            answer = pool.request("POST", url, body=raw, fields=files)
            return answer.status, answer.json()

        yield send


@contextmanager
def with_httpx() -> Iterator[Send]:
    """Send with a client of httpx."""
    with httpx.Client(timeout=20) as client:

        def send(url: str, raw: Any = None, files: Any = None) -> tuple[int, Any]:
            answer = client.post(url, content=raw, files=files)
            return answer.status_code, answer.json()

        yield send


@pytest.mark.parametrize("library", [with_requests, with_urllib3, with_httpx])
def test_a_library_sends_every_kind(
    server: Server, library: Callable[[], AbstractContextManager[Send]]
) -> None:
    """Raw bodies, forms, a batch and a stream over one connection pool; errors are documents."""
    url = f"{server.url}/v1/predictions"
    with library() as send:
        for options in (
            {"raw": PICTURE},
            {"raw": pieces()},
            {"files": [("image", ("2.png", PICTURE))]},
            {"files": [("image", ('zw\u00f6lf "2".png', PICTURE, "image/png"))]},
        ):
            assert send(url, **options)[1]["digit"] == 2
        batch = send(f"{url}/batch", files=[("images", ("2.png", PICTURE, "image/png"))] * 3)[1]
        assert [one["digit"] for one in batch["predictions"]] == [2, 2, 2]
        status, document = send(url, raw=b"no picture")
        assert status == document["status"] == 415
        assert send(url, raw=PICTURE)[0] == 200
