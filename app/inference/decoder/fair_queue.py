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

# Seconds of service that a second of waiting makes up for: also a client that has been served more
# than others comes to its turn, however many new ones arrive.
_AGING = 0.1


class FairQueue:
    """Start-time fair queue with one server, at most ``max_waiting`` requests and a maximum wait.

    The next request is that of the client and connection that have been served for the shortest
    time; of equal ones, the oldest request. A client that was idle gets no credit for it.
    Units: ``max_wait_seconds``; ``observe_wait`` is called with the seconds of each wait.
    Source: Goyal, Vin, Cheng, "Start-time Fair Queueing", SIGCOMM 1996.
    """

    def __init__(
        self,
        max_waiting: int,
        max_wait_seconds: float,
        *,
        observe_wait: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._max_waiting, self._max_wait_seconds = max_waiting, max_wait_seconds
        self._observe_wait = observe_wait
        self._busy = False
        self._waiting: list[_Waiter] = []
        self._names, self._connections = _VirtualTime(), _VirtualTime()

    @asynccontextmanager
    async def turn(self, client: Client, *, limited: bool = True) -> AsyncIterator[None]:
        """Wait for the resource, and hold it; the number that waits refuses a ``limited`` request.

        Raises: TooBusyError if too many requests wait, or this one for too long.
        """
        if self._busy:
            arrived = perf_counter()
            await self._wait(client, limited=limited)
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

    async def _wait(self, client: Client, *, limited: bool) -> None:
        self._forget_cancelled()
        if limited and len(self._waiting) >= self._max_waiting:
            self._drop_for(client)
        waiter = _Waiter(client)
        self._waiting.append(waiter)
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._max_wait_seconds, self._refuse, waiter)
        try:
            is_served = await waiter.served
        except asyncio.CancelledError:
            if not waiter.served.cancelled() and waiter.served.result():
                self._next()  # its turn had come, and it was cancelled before it could begin
            raise
        finally:
            timer.cancel()
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
        self._refuse(next(one for one in reversed(self._waiting) if one.client.name == name))

    def _refuse(self, waiter: "_Waiter") -> None:
        if waiter in self._waiting and not waiter.served.done():
            self._waiting.remove(waiter)
            waiter.served.set_result(False)  # an exception in it would be a reference cycle

    def _too_busy_error(self) -> TooBusyError:
        return TooBusyError(
            f"service: expected at most {self._max_waiting} large images at once, each for at most "
            f"{self._max_wait_seconds:g} s, got more; try again later"
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

    def _rank(self, waiter: "_Waiter") -> float:
        name, connection = waiter.client
        served = self._names.start(name) + self._connections.start(connection)
        return served + _AGING * waiter.arrived


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
    """Queue entry: client and time of arrival, and a future: served, or refused."""

    __slots__ = ("arrived", "client", "served")

    def __init__(self, client: Client) -> None:
        self.client, self.arrived = client, perf_counter()
        self.served: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
