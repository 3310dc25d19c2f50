"""Admission control: how many predictions run at once, and how long others wait."""

import asyncio
from collections import deque
from collections.abc import Callable
from time import perf_counter

from app.errors import TooBusyError

# While the first of the queue has waited for this share of the maximum wait, a new request could
# hardly be admitted in time: it is refused when it comes, which costs less than letting it wait.
SATURATION = 0.9


class AdmissionQueue:
    """FIFO admission queue with a fixed number of slots and a maximum wait.

    Units: ``slots`` requests at once, ``max_wait_seconds``. ``observe_wait`` is called with the
    seconds that each request waited, 0 for one that is admitted at once.
    Raises: TooBusyError from ``acquire`` if no slot comes free in time.
    """

    def __init__(
        self,
        slots: int,
        max_wait_seconds: float,
        *,
        observe_wait: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._slots = slots
        self._free = slots
        self._max_wait_seconds = max_wait_seconds
        self._observe_wait = observe_wait
        self._waiting: deque[_Waiter] = deque()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_saturated(self) -> bool:
        """Return whether a request that comes now could hardly be admitted in time."""
        if self._waiting:
            self._drop_cancelled()
        if not self._waiting:
            return False
        waited = perf_counter() - self._waiting[0].since
        return waited > SATURATION * self._max_wait_seconds

    def too_busy_error(self) -> TooBusyError:
        """Return the error of a request that is not admitted."""
        return TooBusyError(
            f"service: expected at most {self._slots} requests at once, got more for "
            f"{self._max_wait_seconds:g} s; try again later"
        )

    def try_acquire(self) -> bool:
        """Take a slot if one is free; return whether."""
        if not self._free:
            return False
        self._free -= 1
        self._observe_wait(0.0)
        return True

    async def acquire(self) -> None:
        """Take a slot, after those that came before.

        Raises: TooBusyError if none comes free in time.
        """
        if not self.try_acquire():
            await self._wait()

    def release(self) -> None:
        """Give a slot back: to the first that waits, or to the next that comes."""
        if self._waiting:
            self._drop_cancelled()
        if self._waiting:
            self._waiting.popleft().admitted.set_result(True)
        else:
            self._free += 1

    async def _wait(self) -> None:
        if self._max_wait_seconds == 0:
            raise self.too_busy_error()
        waiter = _Waiter()
        self._waiting.append(waiter)
        self._start_timer()
        try:
            admitted = await waiter.admitted
        except asyncio.CancelledError:
            if waiter.admitted.done() and not waiter.admitted.cancelled():
                self.release()  # it was given a slot, but is no longer there to use it
            raise
        self._observe_wait(perf_counter() - waiter.since)
        if not admitted:
            raise self.too_busy_error()

    def _start_timer(self) -> None:
        """Wake up when the first of the queue has waited for too long; one timer serves all."""
        if self._timer is None and self._waiting:
            due = self._waiting[0].since + self._max_wait_seconds - perf_counter()
            self._timer = asyncio.get_running_loop().call_later(max(0.0, due), self._expire)

    def _expire(self) -> None:
        self._timer = None
        oldest = perf_counter() - self._max_wait_seconds
        self._drop_cancelled()
        while self._waiting and self._waiting[0].since <= oldest:
            self._waiting.popleft().admitted.set_result(False)
            self._drop_cancelled()
        self._start_timer()

    def _drop_cancelled(self) -> None:
        while self._waiting and self._waiting[0].admitted.done():
            self._waiting.popleft()


class _Waiter:
    """A request in the queue: since when, and whether it was admitted."""

    __slots__ = ("admitted", "since")

    def __init__(self) -> None:
        self.since = perf_counter()
        self.admitted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
