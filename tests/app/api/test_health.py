"""Probes, request ids, unexpected errors, documentation, HEAD."""

import re

import pytest
from structlog.testing import capture_logs

from app import errors
from app.errors import STATUS, AppError
from app.inference.readiness import Readiness
from app.inference.service import PredictionService
from tests.app.conftest import Client


def test_a_service_in_shutdown_is_alive_but_not_ready(client: Client, readiness: Readiness) -> None:
    """When a shutdown has begun, /healthz answers 200 and /readyz 503."""
    before = [client.get(path).status_code for path in ("/healthz", "/readyz")]
    readiness.ready = False
    after = [client.get(path).status_code for path in ("/healthz", "/readyz")]

    assert (before, after) == ([200, 200], [200, 503])
    assert client.get("/readyz").headers["retry-after"] == "1"


@pytest.mark.parametrize("sent", ["a", "x" * 128, "A-b_c.9"])
def test_a_valid_request_id_comes_back(client: Client, sent: str) -> None:
    """The response has the request id that the client sent."""
    assert client.get("/healthz", headers={"X-Request-ID": sent}).headers["x-request-id"] == sent


@pytest.mark.parametrize("sent", [None, "", "x" * 129, "a b", "a\tb", "a/b"])
def test_an_invalid_request_id_is_replaced(client: Client, sent: str | None) -> None:
    """A missing or invalid request id is replaced by a generated one."""
    headers = {} if sent is None else {"X-Request-ID": sent}

    got = client.get("/healthz", headers=headers).headers["x-request-id"]

    assert re.fullmatch("[0-9a-f]{32}", got)


def test_an_unexpected_error_is_logged_not_shown(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unexpected exception gives 500 without its message, which is logged with the id."""

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret path")

    monkeypatch.setattr(PredictionService, "predict", fail)
    with capture_logs() as lines:
        response = client.post("/v1/predictions", content=b"x", headers={"X-Request-ID": "id-7"})

    assert response.status_code == 500
    assert "secret" not in response.text
    assert response.json()["request_id"] == response.headers["x-request-id"] == "id-7"
    line = next(line for line in lines if line["log_level"] == "error")
    assert (line["request_id"], line["path"]) == ("id-7", "/v1/predictions")
    assert line["exc_info"]


def test_every_error_has_a_status() -> None:
    """Every subclass of AppError has an HTTP status."""
    assert set(AppError.__subclasses__()) == set(STATUS)


def test_the_tree_of_errors_is_complete() -> None:
    """The docstring of app/errors.py lists every error with its status, in the order of STATUS."""
    listed = re.findall(r"── (\w+) +(\d{3}) ", str(errors.__doc__))

    assert listed == [(error.__name__, str(status)) for error, status in STATUS.items()]


def test_the_documentation_loads_nothing_from_other_hosts(client: Client) -> None:
    """The service itself delivers the scripts and style sheets of /docs."""
    assets = re.findall(r'(?:src|href)="([^"]+)"', client.get("/docs").text)

    assert len(assets) >= 2
    for asset in assets:
        assert client.get(asset).status_code == 200, asset


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/v1/models", "/v1/models/cnn", "/docs", "/openapi.json", "/"]
)
def test_head_is_get_without_the_body(client: Client, path: str) -> None:
    """HEAD has the status and headers of GET, with its Content-Length, and no body."""
    got, head = client.get(path), client.request("HEAD", path)
    names = ("content-type", "content-length", "etag", "location")

    assert head.status_code == got.status_code < 400
    assert [head.headers.get(name) for name in names] == [got.headers.get(name) for name in names]
    assert head.content == b""


def test_head_without_a_get_route_is_an_error(client: Client) -> None:
    """HEAD of an unknown path is 404, of a POST route 405; Allow lists GET and HEAD."""
    statuses = [client.request("HEAD", path).status_code for path in ("/x", "/v1/predictions")]

    assert statuses == [404, 405]
    assert set(client.post("/v1/models").headers["allow"].split(", ")) == {"GET", "HEAD"}
