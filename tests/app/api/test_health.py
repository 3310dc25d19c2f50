"""Probes, request ids, unforeseen errors, and the documentation."""

import re

import pytest
from structlog.testing import capture_logs

from app.errors import STATUS, AppError
from app.inference.readiness import Readiness
from app.inference.service import PredictionService
from tests.app.conftest import Client


def test_live_is_the_process_and_ready_is_the_service(client: Client, readiness: Readiness) -> None:
    """After a shutdown has begun: alive, not ready."""
    before = [client.get(path).status_code for path in ("/healthz", "/readyz")]
    readiness.stop()
    after = [client.get(path).status_code for path in ("/healthz", "/readyz")]

    assert (before, after) == ([200, 200], [200, 503])
    assert client.get("/readyz").headers["retry-after"] == "1"


@pytest.mark.parametrize("sent", ["a", "x" * 128, "A-b_c.9"])
def test_a_valid_request_id_comes_back(client: Client, sent: str) -> None:
    """The caller's own id is on the answer."""
    assert client.get("/healthz", headers={"X-Request-ID": sent}).headers["x-request-id"] == sent


@pytest.mark.parametrize("sent", [None, "", "x" * 129, "a b", "a\tb", "a/b"])
def test_an_invalid_request_id_is_replaced(client: Client, sent: str | None) -> None:
    """Anything else gets a new one, so that no caller writes into the log."""
    headers = {} if sent is None else {"X-Request-ID": sent}

    got = client.get("/healthz", headers=headers).headers["x-request-id"]

    assert re.fullmatch("[0-9a-f]{32}", got)


def test_a_bug_says_nothing_of_the_inside(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """500 without the message, which is in the log under the request id."""

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
    """A new AppError cannot be added without choosing its status."""
    assert set(AppError.__subclasses__()) == set(STATUS)


def test_the_documentation_needs_no_other_host(client: Client) -> None:
    """The scripts and styles of /docs come from here."""
    assets = re.findall(r'(?:src|href)="([^"]+)"', client.get("/docs").text)

    assert len(assets) >= 2
    for asset in assets:
        assert client.get(asset).status_code == 200, asset


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/v1/models", "/v1/models/cnn", "/docs", "/openapi.json", "/"]
)
def test_head_is_get_without_the_body(client: Client, path: str) -> None:
    """The same status and headers, its length too; no body."""
    got, head = client.get(path), client.request("HEAD", path)
    names = ("content-type", "content-length", "etag", "location")

    assert head.status_code == got.status_code < 400
    assert [head.headers.get(name) for name in names] == [got.headers.get(name) for name in names]
    assert head.content == b""


def test_head_of_what_cannot_be_got_is_an_error(client: Client) -> None:
    """404 and 405 as GET has them, and Allow names HEAD beside GET."""
    statuses = [client.request("HEAD", path).status_code for path in ("/x", "/v1/predictions")]

    assert statuses == [404, 405]
    assert set(client.post("/v1/models").headers["allow"].split(", ")) == {"GET", "HEAD"}
