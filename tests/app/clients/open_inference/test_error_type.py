"""The Content-Type of errors under /v2: KServe's client reads a message from plain JSON only."""

import httpx
import pytest

from tests.support.servers import Server


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v2/models/cnn/infer", 400),
        ("POST", "/v2/models/unknown/infer", 404),
        ("GET", "/v2/models/unknown", 404),
        ("GET", "/v2/unknown", 404),
        ("DELETE", "/v2/models/cnn", 405),
        ("GET", "/v2/logging", 501),
    ],
)
def test_errors_are_plain_json(service: Server, method: str, path: str, status: int) -> None:
    """Errors of handlers, routes and the router have the type, and the protocol's `error`."""
    response = httpx.request(method, service.url + path, content=b"{}" if "P" in method else b"")

    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    assert response.json()["error"] == response.json()["detail"]


def test_errors_under_v1_are_problem_documents(service: Server) -> None:
    """All other paths have the type of RFC 9457."""
    response = httpx.get(f"{service.url}/v1/models/unknown")

    assert response.headers["content-type"] == "application/problem+json"
