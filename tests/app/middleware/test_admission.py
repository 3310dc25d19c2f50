"""More requests at once than places."""

import asyncio
import json
import socket
import threading
import time
from collections import Counter
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from app.inference.admission import Places
from app.middleware.admission import ConcurrencyLimit
from tests.support.pictures import as_bytes
from tests.support.servers import Server, serve

HALF = b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"


def post(server: Server) -> httpx.Response:
    """Return the answer to a small picture."""
    return httpx.post(f"{server.url}/v1/predictions", content=as_bytes())


def half_an_upload(server: Server) -> socket.socket:
    """Return a connection whose request is under way."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    connection.sendall(HALF)
    return connection


def test_a_full_service_says_so_and_recovers() -> None:
    """Both places taken: 429 after the wait, the rest answers; 200 once the clients are gone."""
    with serve(DIGITS_MAX_CONCURRENT="2", DIGITS_WAIT_SECONDS="0.2") as server:
        with ExitStack() as uploads:
            for _ in range(2):
                uploads.enter_context(half_an_upload(server))
            time.sleep(0.1)
            began = time.perf_counter()
            refused = post(server)
            waited = time.perf_counter() - began
            others = ["/healthz", "/readyz", "/metrics", "/", "/docs"]
            statuses = [httpx.get(f"{server.url}{path}").status_code for path in others]
        answered = post(server)
        metrics = httpx.get(f"{server.url}/metrics").text

    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"].startswith("service: expected at most 2 requests at once")
    assert 0.2 <= waited < 2
    assert statuses == [200] * 5
    assert answered.status_code == 200
    assert "digitserve_shed_requests_total 1.0" in metrics


def test_who_would_wait_in_vain_is_turned_away_at_once() -> None:
    """Behind one that has waited for half of the wait; the connection serves on, all is counted."""
    limits = {"MAX_CONCURRENT": "1", "WAIT_SECONDS": "3"}
    with (
        serve(**{f"DIGITS_{name}": value for name, value in limits.items()}) as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        assert client.get("/healthz").status_code == 200
        with half_an_upload(server):
            first = threading.Thread(target=post, args=[server])
            first.start()
            time.sleep(2)
            began = time.perf_counter()
            refused = client.post(
                "/v1/predictions", content=bytes(1_000_000), headers={"X-Request-ID": "mine"}
            )
            again = client.get("/v1/models")
            waited = time.perf_counter() - began
            probe = client.get("/readyz")
            first.join()
        answered = client.post("/v1/predictions", content=as_bytes())
        metrics = client.get("/metrics").text
        lines = [json.loads(line) for line in server.log if '"request"' in line]

    assert waited < 0.5
    assert [refused.status_code, again.status_code, probe.status_code] == [429, 429, 200]
    assert refused.json()["detail"].startswith("service: expected at most 1 requests at once")
    assert refused.headers["x-request-id"] == refused.json()["request_id"] == "mine"
    assert refused.headers["x-content-type-options"] == "nosniff"
    assert answered.status_code == 200
    assert "digitserve_shed_requests_total 3.0" in metrics
    logged = [(line["method"], line["status"]) for line in lines]
    assert ("POST", 429) in logged
    assert ("GET", 429) in logged


def test_more_clients_than_places() -> None:
    """Twenty clients, two places, a wait of 1 ms: each is answered 200 or 429, some with each."""

    async def ask(server: Server) -> Counter[int]:
        limits = httpx.Limits(max_connections=20)
        async with httpx.AsyncClient(base_url=server.url, limits=limits, timeout=30) as client:
            requests = [client.post("/v1/predictions", content=as_bytes(280)) for _ in range(100)]
            return Counter(answer.status_code for answer in await asyncio.gather(*requests))

    with serve(DIGITS_MAX_CONCURRENT="2", DIGITS_WAIT_SECONDS="0.001") as server:
        statuses = asyncio.run(ask(server))
        again = post(server).status_code

    assert set(statuses) == {200, 429}
    assert again == 200


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_cancelled_request_gives_its_place_back(order: tuple[int, int]) -> None:
    """Whether it had the place, was just given it, or waited for it: the last one gets in."""
    entered: list[str] = []

    async def never_answer(scope: Scope, receive: Receive, send: Send) -> None:
        entered.append(scope["name"])
        await asyncio.Event().wait()

    async def nothing(*_: Any) -> Any:
        raise AssertionError

    async def run() -> None:
        limit = ConcurrencyLimit(never_answer, places=Places(1, 60))
        scopes = [{"type": "http", "path": "/v1/x", "name": name} for name in "abc"]
        tasks = [asyncio.create_task(limit(scope, nothing, nothing)) for scope in scopes]
        await asyncio.sleep(0.01)
        tasks[order[0]].cancel()
        await asyncio.sleep(0)
        tasks[order[1]].cancel()
        await asyncio.sleep(0.01)
        tasks[2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())

    assert entered == ["a", "c"]
