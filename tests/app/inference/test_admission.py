"""Admission queue: slots, order, maximum wait, cancellation, saturation."""

import asyncio
import socket
import time
from collections import Counter
from contextlib import ExitStack

import httpx
import pytest

from app.errors import TooBusyError
from app.inference import admission
from app.inference.admission import SATURATION, AdmissionQueue
from app.inference.registry import Registry
from tests.support.in_process import InProcessServer
from tests.support.pictures import as_bytes
from tests.support.servers import Server, serve

GETS = ["/healthz", "/readyz", "/metrics", "/", "/docs"]


def test_slots_are_given_in_the_order_of_arrival() -> None:
    """The request that has waited longest gets the next slot."""
    order: list[str] = []

    async def enter(queue: AdmissionQueue, name: str) -> None:
        await queue.acquire()
        order.append(name)
        queue.release()

    async def run() -> None:
        queue = AdmissionQueue(1, 60)
        await queue.acquire()
        tasks = [asyncio.create_task(enter(queue, name)) for name in "abc"]
        await asyncio.sleep(0)
        queue.release()
        await asyncio.gather(*tasks)

    asyncio.run(run())

    assert order == ["a", "b", "c"]


def test_a_request_waits_no_longer_than_the_maximum() -> None:
    """Each request is refused when it has waited for the maximum."""

    async def wait(queue: AdmissionQueue, delay: float) -> float:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(delay)
        began = loop.time()
        with pytest.raises(TooBusyError, match=r"expected at most 1 requests at once"):
            await queue.acquire()
        return loop.time() - began

    async def run() -> list[float]:
        queue = AdmissionQueue(1, 0.1)
        await queue.acquire()
        return await asyncio.gather(*[wait(queue, number * 0.03) for number in range(4)])

    waits = asyncio.run(run())

    assert all(0.09 < seconds < 1 for seconds in waits)


def test_without_a_wait_a_full_queue_refuses_at_once() -> None:
    """With a maximum wait of 0 a request without a free slot is refused at once."""

    async def run() -> None:
        queue = AdmissionQueue(1, 0)
        await queue.acquire()
        with pytest.raises(TooBusyError):
            await queue.acquire()
        queue.release()
        await queue.acquire()

    asyncio.run(run())


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_cancelled_request_gives_its_slot_back(order: tuple[int, int]) -> None:
    """A request that is cancelled with a slot, or while it waits, does not keep the slot."""
    entered: list[str] = []

    async def enter(queue: AdmissionQueue, name: str) -> None:
        await queue.acquire()
        try:
            entered.append(name)
            await asyncio.Event().wait()
        finally:
            queue.release()

    async def run() -> None:
        queue = AdmissionQueue(1, 60)
        tasks = [asyncio.create_task(enter(queue, name)) for name in "abc"]
        await asyncio.sleep(0)
        tasks[order[0]].cancel()
        await asyncio.sleep(0)
        tasks[order[1]].cancel()
        while len(entered) < 2:
            await asyncio.sleep(0)
        tasks[2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())

    assert entered == ["a", "c"]


def test_a_request_cancelled_at_its_maximum_wait_gives_no_slot_back() -> None:
    """A request that is refused and cancelled in one iteration of the loop had no slot."""

    async def run() -> list[bool]:
        queue = AdmissionQueue(1, 0.01)
        await queue.acquire()
        waiting = asyncio.create_task(queue.acquire())
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.02, waiting.cancel)
        time.sleep(0.03)  # both timers are due when the loop goes on
        await asyncio.gather(waiting, return_exceptions=True)
        queue.release()
        return [queue.try_acquire(), queue.try_acquire()]

    assert asyncio.run(run()) == [True, False]


def test_the_queue_is_saturated_while_the_first_has_waited_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The queue is saturated while its first request has waited for SATURATION of the maximum."""
    now = 0.0
    monkeypatch.setattr(admission, "perf_counter", lambda: now)

    async def run() -> list[bool]:
        nonlocal now
        queue = AdmissionQueue(1, 10)
        await queue.acquire()
        waiting = asyncio.create_task(queue.acquire())
        await asyncio.sleep(0)
        now = 10 * SATURATION - 0.1
        before = queue.is_saturated
        now = 10 * SATURATION + 0.1
        after = queue.is_saturated
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return [before, after, queue.is_saturated]

    assert asyncio.run(run()) == [False, True, False]


def test_a_full_service_answers_429_and_recovers(registry: Registry) -> None:
    """Without a free slot predictions get 429 and other routes 200; with one they get 200."""
    server = InProcessServer(registry, max_concurrent=1, wait_seconds=0.05)
    queue = server.gateway.services.predictions.admission

    async def run() -> tuple[list[int], httpx.Response, int]:
        transport = httpx.ASGITransport(server.gateway)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            await queue.acquire()
            refused = await client.post("/v1/predictions", content=as_bytes())
            others = [(await client.get(path)).status_code for path in GETS]
            queue.release()
            again = await client.post("/v1/predictions", content=as_bytes())
            return others, refused, again.status_code

    others, refused, again = asyncio.run(run())

    assert (others, again) == ([200] * 5, 200)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"].startswith("service: expected at most 1 requests at once")


@pytest.mark.parametrize("query", ["", "?model=cnn"])
def test_more_clients_than_slots_get_200_or_429(query: str) -> None:
    """Of twenty clients for two slots, some get 200 and the others 429."""

    async def ask(server: Server) -> Counter[int]:
        limits = httpx.Limits(max_connections=20)
        async with httpx.AsyncClient(base_url=server.url, limits=limits, timeout=30) as client:
            url = f"/v1/predictions{query}"
            requests = [client.post(url, content=as_bytes(280)) for _ in range(100)]
            return Counter(answer.status_code for answer in await asyncio.gather(*requests))

    with serve(DIGITS_MAX_CONCURRENT="2", DIGITS_WAIT_SECONDS="0.001") as server:
        statuses = asyncio.run(ask(server))
        again = httpx.post(f"{server.url}/v1/predictions", content=as_bytes()).status_code

    assert set(statuses) == {200, 429}
    assert again == 200


def test_slow_uploads_take_no_slot() -> None:
    """Fifty incomplete uploads take no slot: with one slot a small request is answered at once."""
    head = b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nhalf"
    with serve(DIGITS_MAX_CONCURRENT="1", DIGITS_WAIT_SECONDS="0") as server, ExitStack() as stack:
        for _ in range(50):
            address = ("127.0.0.1", server.port)
            connection = stack.enter_context(socket.create_connection(address, timeout=10))
            connection.sendall(head)
        answers = [
            httpx.post(f"{server.url}/v1/predictions", content=as_bytes()).status_code
            for _ in range(5)
        ]

    assert answers == [200] * 5
