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
    clock: Clock, arrivals: list[tuple[Client, float]], *, most: int = 100
) -> list[Client]:
    """Let requests (client, seconds) arrive at once; return the order of their service."""
    queue, order = FairQueue(most, 60), []

    async def ask(one: Client, seconds: float) -> None:
        async with queue.turn(one):
            order.append(one)
            await asyncio.sleep(0)
            clock.now += seconds

    await asyncio.gather(*[ask(*one) for one in arrivals])
    return order


def test_another_client_waits_behind_one_request_alone(clock: Clock) -> None:
    """A client that has many heavy requests in the queue is served once before another client."""
    heavy = [(client("heavy"), 2.0)] * 5
    order = asyncio.run(serve_all(clock, [*heavy, (client("other"), 0.1)]))

    assert [one.name for one in order] == ["heavy", "other", *["heavy"] * 4]


def test_clients_take_turns_by_the_time_they_were_served(clock: Clock) -> None:
    """A client whose requests take a third of the time is served three times as often."""
    slow = [(client("slow"), 3.0)] * 4
    quick = [(client("quick"), 1.0)] * 9
    order = asyncio.run(serve_all(clock, slow + quick))

    assert [one.name for one in order[:9]].count("slow") == 3


def test_connections_of_a_client_take_turns(clock: Clock) -> None:
    """Behind one address, a second connection is served before the second request of the first."""
    first, second = client("proxy", 1), client("proxy", 2)
    order = asyncio.run(serve_all(clock, [(first, 1.0)] * 3 + [(second, 1.0)]))

    assert order == [first, second, first, first]


def test_equal_clients_are_served_in_order(clock: Clock) -> None:
    """Of clients that were not served yet, the one that has waited longest is next."""
    arrivals = [(client(name), 1.0) for name in "abcd"]
    order = asyncio.run(serve_all(clock, arrivals))

    assert [one.name for one in order] == ["a", "b", "c", "d"]


def test_waiting_makes_up_for_earlier_service(clock: Clock) -> None:
    """A client comes to its turn although clients arrive all the time that were never served."""

    async def run() -> int:
        queue, served = FairQueue(100, 60), []

        async def ask(name: str, seconds: float) -> None:
            async with queue.turn(client(name)):
                served.append(name)
                await asyncio.sleep(0)
                clock.now += seconds

        tasks = [asyncio.create_task(ask(name, 1.0)) for name in ("old", "new", "old")]
        for number in range(150):
            await asyncio.sleep(0)
            tasks.append(asyncio.create_task(ask(f"new {number}", 1.0)))
        await asyncio.gather(*tasks)
        return served[1:].index("old")

    assert 5 < asyncio.run(run()) < 120


def test_a_request_waits_no_longer_than_the_maximum() -> None:
    """A request is refused when it has waited for the maximum; the others are not affected."""

    async def run() -> list[str]:
        queue, outcomes = FairQueue(9, 0.05), []

        async def ask(name: str) -> None:
            try:
                async with queue.turn(client(name)):
                    await asyncio.sleep(0.2)
                outcomes.append(name)
            except TooBusyError as error:
                outcomes.append(str(error))

        await asyncio.gather(ask("a"), ask("b"))
        await ask("c")
        return outcomes

    assert asyncio.run(run()) == [
        "service: expected at most 9 large images at once, each for at most 0.05 s, got more; try "
        "again later",
        "a",
        "c",
    ]


def test_the_number_that_waits_does_not_refuse_what_has_begun() -> None:
    """A request that is not limited, as a later picture of a batch, waits also in a full queue."""

    async def run() -> list[str]:
        queue, outcomes = FairQueue(1, 60), []

        async def ask(name: str, limited: bool) -> None:
            async with queue.turn(client(name), limited=limited):
                await asyncio.sleep(0)
            outcomes.append(name)

        await asyncio.gather(ask("a", True), ask("b", True), ask("c", False))
        return outcomes

    assert asyncio.run(run()) == ["a", "b", "c"]


def test_a_full_queue_refuses_the_client_that_waits_most(clock: Clock) -> None:
    """At the limit, the last request of the client with most of them makes room for another."""

    async def run() -> list[str]:
        queue, outcomes = FairQueue(3, 60), []

        async def ask(name: str) -> None:
            try:
                async with queue.turn(client(name)):
                    await asyncio.sleep(0)
                outcomes.append(name)
            except TooBusyError as error:
                outcomes.append(f"{name}: {error}")

        await asyncio.gather(*[ask(name) for name in ("a", "a", "a", "a", "a", "b")])
        return sorted(outcomes)

    refused = (
        "a: service: expected at most 3 large images at once, each for at most 60 s, got more; try "
        "again later"
    )
    assert asyncio.run(run()) == ["a", "a", "a", refused, refused, "b"]
    assert clock.now == 0


def test_a_cancelled_request_does_not_keep_the_turn() -> None:
    """Requests that are cancelled while they wait, or at their turn, let the next one go on."""

    async def run() -> list[str]:
        queue, served = FairQueue(9, 60), []

        async def ask(name: str, seconds: float) -> None:
            async with queue.turn(client(name)):
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
        queue = FairQueue(9, 60)

        async def ask(seconds: float) -> None:
            async with queue.turn(client("a")):
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
        queue = FairQueue(100, 60)

        async def ask_often(first_port: int) -> None:
            for port in range(first_port, first_port + 100):
                async with queue.turn(client("one", port)):
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
        queue = FairQueue(9, 60, observe_wait=waits.append)

        async def ask(seconds: float) -> None:
            async with queue.turn(client("a")):
                await asyncio.sleep(0)
                clock.now += seconds

        await asyncio.gather(ask(wait), ask(0))

    asyncio.run(run())

    assert waits == [0.0, wait]
