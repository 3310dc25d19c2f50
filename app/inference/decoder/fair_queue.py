"""Fair queue: divides the time of a resource among clients, one request at a time."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from operator import itemgetter
from time import perf_counter

from app.errors import TooBusyError
from app.inference.types import Client

# Number of clients that are remembered before the half with the least service is forgotten.
_MAX_REMEMBERED = 1000


class FairQueue:
    """Start-time fair queue with one server and at most ``max_waiting`` requests.

    The next request is that of the client that has been served for the shortest time, then of the
    connection served for the shortest time, then the smallest one, then the oldest one. A client
    that was idle gets no credit for it. ``observe_wait`` is called with the seconds of each wait.
    Source: Goyal, Vin, Cheng, "Start-time Fair Queueing", SIGCOMM 1996.
    """

    def __init__(
        self, max_waiting: int, *, observe_wait: Callable[[float], None] = lambda _: None
    ) -> None:
        self._max_waiting = max_waiting
        self._observe_wait = observe_wait
        self._busy = False
        self._arrivals = 0
        self._waiting: list[_Waiter] = []
        self._names, self._connections = _VirtualTime(), _VirtualTime()

    @asynccontextmanager
    async def turn(self, client: Client, size: int) -> AsyncIterator[None]:
        """Wait for the resource, and hold it; ``size`` is the size of the request in bytes.

        Raises: TooBusyError if too many requests wait.
        """
        if self._busy:
            arrived = perf_counter()
            await self._wait(client, size)
            self._observe_wait(perf_counter() - arrived)
        else:
            self._serve(client)
            self._observe_wait(0.0)
        began = perf_counter()
        try:
            yield
        finally:
            seconds = perf_counter() - began
            self._names.end(client.name, seconds)
            self._connections.end(client.connection, seconds)
            self._next()

    async def _wait(self, client: Client, size: int) -> None:
        self._forget_cancelled()
        if len(self._waiting) >= self._max_waiting:
            self._drop_for(client)
        self._arrivals += 1
        waiter = _Waiter(client, size, self._arrivals)
        self._waiting.append(waiter)
        try:
            is_served = await waiter.served
        except asyncio.CancelledError:
            if not waiter.served.cancelled() and waiter.served.result():
                self._next()  # its turn had come, and it was cancelled before it could begin
            raise
        if not is_served:
            raise self._too_busy_error()

    def _drop_for(self, client: Client) -> None:
        """Refuse the last request of the client that has most of them, to make room.

        Raises: TooBusyError if that is the new client.
        """
        counts = Counter(waiter.client.name for waiter in self._waiting)
        [(name, most)] = counts.most_common(1)
        if counts[client.name] + 1 >= most:
            raise self._too_busy_error()
        last = max(one.arrival for one in self._waiting if one.client.name == name)
        dropped = next(one for one in self._waiting if one.arrival == last)
        self._waiting.remove(dropped)
        dropped.served.set_result(False)  # an exception in it would be a reference cycle

    def _too_busy_error(self) -> TooBusyError:
        return TooBusyError(
            f"service: expected at most {self._max_waiting} large images at once, got more; "
            "try again later"
        )

    def _serve(self, client: Client) -> None:
        self._busy = True
        self._names.begin(client.name)
        self._connections.begin(client.connection)

    def _next(self) -> None:
        """Serve the next request; forget the past when there is none."""
        self._busy = False
        self._forget_cancelled()
        if not self._waiting:
            self._names, self._connections = _VirtualTime(), _VirtualTime()
            return
        waiter = min(self._waiting, key=self._rank)
        self._waiting.remove(waiter)
        self._serve(waiter.client)
        waiter.served.set_result(True)

    def _forget_cancelled(self) -> None:
        self._waiting = [one for one in self._waiting if not one.served.cancelled()]

    def _rank(self, waiter: "_Waiter") -> tuple[float, float, int, int]:
        name, connection = waiter.client
        started = self._names.start(name), self._connections.start(connection)
        return *started, waiter.size, waiter.arrival


class _VirtualTime:
    """End of each client's last service, on a clock that only service moves."""

    def __init__(self) -> None:
        self._now = 0.0
        self._ends: dict[Hashable, float] = {}

    def start(self, key: Hashable) -> float:
        """Return the time at which a client's next service would start."""
        return max(self._now, self._ends.get(key, 0.0))

    def begin(self, key: Hashable) -> None:
        """Move the clock to the start of a client's service."""
        self._now = self.start(key)

    def end(self, key: Hashable, seconds: float) -> None:
        """Note how many seconds the service of a client took."""
        self._ends[key] = self.start(key) + seconds
        if len(self._ends) > _MAX_REMEMBERED:
            by_end = sorted(self._ends.items(), key=itemgetter(1))
            self._ends = dict(by_end[len(by_end) // 2 :])


class _Waiter:
    """Queue entry: client, size and place of arrival, and a future: served, or refused."""

    __slots__ = ("arrival", "client", "served", "size")

    def __init__(self, client: Client, size: int, arrival: int) -> None:
        self.client, self.size, self.arrival = client, size, arrival
        self.served: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
