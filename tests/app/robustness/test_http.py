"""Headers that are not about the image: the request id is passed on, others change nothing."""

import socket
from typing import Any

import httpx
import pytest

from tests.app.robustness.test_long_running_stress import kinds
from tests.support.load import Request
from tests.support.pictures import as_bytes
from tests.support.servers import Server

KINDS = {name: request for name, (_, request) in kinds().items()}


@pytest.mark.parametrize("request_", KINDS.values(), ids=KINDS)
def test_the_request_id_is_passed_on(server: Server, request_: Request) -> None:
    """Every answer, also an error, has the caller's X-Request-ID in its header and document."""
    headers = request_.headers | {"X-Request-ID": "the-caller.1"}

    answer = httpx.request(
        request_.method, server.url + request_.path, content=request_.body, headers=headers
    )

    assert answer.headers["x-request-id"] == "the-caller.1"
    if "json" in answer.headers["content-type"]:
        assert answer.json().get("request_id", "the-caller.1") == "the-caller.1"


@pytest.mark.parametrize(
    "header",
    [
        {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
        {"traceparent": "no trace", "tracestate": "=,;"},
        {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "Forwarded": "for=_x"},
        {"Via": "1.1 proxy", "Cookie": "a=b", "Authorization": "Bearer of-another-service"},
        {"Accept-Encoding": "gzip, br", "Accept": "text/html", "Range": "bytes=0-9"},
        {"If-None-Match": "*", "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"Inference-Header-Content-Length": "10", "Content-MD5": "x", "Digest": "x"},
        {"X-HTTP-Method-Override": "DELETE", "Expect": "100-continue", "Prefer": "respond-async"},
        {"Keep-Alive": "timeout=5", "TE": "trailers, gzip", "Priority": "u=1, i"},
    ],
)
def test_other_headers_change_nothing(server: Server, header: dict[str, str]) -> None:
    """Headers of proxies, caches and other protocols do not change the answer."""
    url = f"{server.url}/v1/predictions"

    plain, other = (httpx.post(url, content=as_bytes(), headers=h).json() for h in ({}, header))

    assert _without_id(other) == _without_id(plain)


def test_of_two_request_ids_the_first_counts(server: Server) -> None:
    """A second X-Request-ID is ignored; the answer has one."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(
            b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-ID: one\r\nX-Request-ID: two\r\n\r\n"
        )
        head = connection.recv(65536).partition(b"\r\n\r\n")[0]

    lines = [line for line in head.split(b"\r\n") if line.startswith(b"x-request-id: ")]
    assert lines == [b"x-request-id: one"]


def _without_id(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "request_id"}
