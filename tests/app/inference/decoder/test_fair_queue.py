"""Fair queue: the order in which clients are served, its limit, cancellation."""

import asyncio

import pytest

from app.errors import TooBusyError
from app.inference.decoder import fair_queue
from app.inference.decoder.fair_queue import FairQueue
from app.inference.types import Client


class Clock:
    """Clock that only the test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(fair_queue, "perf_counter", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return the clock of the queue."""
    return Clock(monkeypatch)


def client(name: str, port: int = 0) -> Client:
    """Return a client with its connection."""
    return Client(name, (name, port))


async def serve_all(
    clock: Clock, arrivals: list[tuple[Client, int, float]], *, most: int = 100
) -> list[Client]:
    """Let requests (client, bytes, seconds) arrive at once; return the order of their service."""
    queue, order = FairQueue(most), []

    async def ask(one: Client, size: int, seconds: float) -> None:
        async with queue.turn(one, size):
            order.append(one)
            await asyncio.sleep(0)
            clock.now += seconds

    await asyncio.gather(*[ask(*one) for one in arrivals])
    return order


def test_another_client_waits_behind_one_request_alone(clock: Clock) -> None:
    """A client that has many heavy requests in the queue is served once before another client."""
    heavy = [(client("heavy"), 1000, 2.0)] * 5
    order = asyncio.run(serve_all(clock, [*heavy, (client("other"), 2000, 0.1)]))

    assert [one.name for one in order] == ["heavy", "other", *["heavy"] * 4]


def test_clients_take_turns_by_the_time_they_were_served(clock: Clock) -> None:
    """A client whose requests take a third of the time is served three times as often."""
    slow = [(client("slow"), 1, 3.0)] * 4
    quick = [(client("quick"), 1, 1.0)] * 9
    order = asyncio.run(serve_all(clock, slow + quick))

    assert [one.name for one in order[:9]].count("slow") == 3


def test_connections_of_a_client_take_turns(clock: Clock) -> None:
    """Behind one address, a second connection is served before the second request of the first."""
    first, second = client("proxy", 1), client("proxy", 2)
    order = asyncio.run(serve_all(clock, [(first, 1, 1.0)] * 3 + [(second, 1, 1.0)]))

    assert order == [first, second, first, first]


def test_equal_clients_are_served_by_size_and_then_in_order(clock: Clock) -> None:
    """Of clients that were not served yet, the one with the smallest request is next."""
    arrivals = [(client("running"), 1, 1.0), (client("a"), 5, 1.0), (client("b"), 3, 1.0)]
    order = asyncio.run(serve_all(clock, [*arrivals, (client("c"), 3, 1.0)]))

    assert [one.name for one in order] == ["running", "b", "c", "a"]


def test_a_full_queue_refuses_the_client_that_waits_most(clock: Clock) -> None:
    """At the limit, the last request of the client with most of them makes room for another."""

    async def run() -> list[str]:
        queue, outcomes = FairQueue(3), []

        async def ask(name: str) -> None:
            try:
                async with queue.turn(client(name), 1):
                    await asyncio.sleep(0)
                outcomes.append(name)
            except TooBusyError as error:
                outcomes.append(f"{name}: {error}")

        await asyncio.gather(*[ask(name) for name in ("a", "a", "a", "a", "a", "b")])
        return sorted(outcomes)

    refused = "a: service: expected at most 3 large images at once, got more; try again later"
    assert asyncio.run(run()) == ["a", "a", "a", refused, refused, "b"]
    assert clock.now == 0


def test_a_cancelled_request_does_not_keep_the_turn() -> None:
    """Requests that are cancelled while they wait, or at their turn, let the next one go on."""

    async def run() -> list[str]:
        queue, served = FairQueue(9), []

        async def ask(name: str, seconds: float) -> None:
            async with queue.turn(client(name), 1):
                served.append(name)
                await asyncio.sleep(seconds)

        tasks = [asyncio.create_task(ask(name, 60 * (name == "a"))) for name in "abcd"]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.sleep(0)
        tasks[0].cancel()
        await asyncio.sleep(0)  # it ends, and the turn of the next one comes
        tasks[2].cancel()
        await asyncio.wait_for(tasks[3], 5)
        return served

    assert asyncio.run(run()) == ["a", "d"]


def test_all_requests_can_be_cancelled_at_once() -> None:
    """The end of one cancelled request gives no turn to another one; later ones are served."""

    async def run() -> list[object]:
        queue = FairQueue(9)

        async def ask(seconds: float) -> None:
            async with queue.turn(client("a"), 1):
                await asyncio.sleep(seconds)

        tasks = [asyncio.create_task(ask(60)) for _ in range(4)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.wait_for(ask(0), 5)
        return [type(outcome) for outcome in outcomes]

    assert asyncio.run(run()) == [asyncio.CancelledError] * 4


def test_clients_with_little_service_are_forgotten(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A queue that is always busy does not remember every connection that it has served."""
    monkeypatch.setattr(fair_queue, "_MAX_REMEMBERED", 10)
    remembered: list[int] = []

    async def run() -> None:
        queue = FairQueue(100)

        async def ask_often(first_port: int) -> None:
            for port in range(first_port, first_port + 100):
                async with queue.turn(client("one", port), 1):
                    await asyncio.sleep(0)
                    clock.now += 1.0
                    remembered.append(len(queue._connections._ends))

        await asyncio.gather(*[ask_often(port) for port in (0, 1000, 2000)])

    asyncio.run(run())

    assert len(remembered) == 300
    assert max(remembered) == 10


@pytest.mark.parametrize("wait", [0.0, 1.5])
def test_each_wait_is_observed(clock: Clock, wait: float) -> None:
    """The seconds of each wait are reported, 0 for a request that is served at once."""
    waits: list[float] = []

    async def run() -> None:
        queue = FairQueue(9, observe_wait=waits.append)

        async def ask(seconds: float) -> None:
            async with queue.turn(client("a"), 1):
                await asyncio.sleep(0)
                clock.now += seconds

        await asyncio.gather(ask(wait), ask(0))

    asyncio.run(run())

    assert waits == [0.0, wait]
