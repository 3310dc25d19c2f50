"""Admission control: limits the number of concurrent predictions and the wait for a slot."""

import asyncio
from collections import deque
from collections.abc import Callable
from time import perf_counter

from app.errors import TooBusyError

# Share of the maximum wait. If the oldest request in the queue has waited longer, a new request
# would probably not be admitted in time: it is refused at once, before its body is read.
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
        """Return whether a new request would probably not be admitted in time."""
        if self._waiting:
            self._drop_cancelled()
        if not self._waiting:
            return False
        waited = perf_counter() - self._waiting[0].since
        return waited > SATURATION * self._max_wait_seconds

    def too_busy_error(self) -> TooBusyError:
        """Create the error for a request that is not admitted."""
        return TooBusyError(
            f"service: expected at most {self._slots} requests at once, got more for "
            f"{self._max_wait_seconds:g} s; try again later"
        )

    def try_acquire(self) -> bool:
        """Take a slot if one is free; return whether there was one."""
        if not self._free:
            return False
        self._free -= 1
        self._observe_wait(0.0)
        return True

    async def acquire(self) -> None:
        """Take a slot, waiting in the queue if none is free.

        Raises: TooBusyError if no slot comes free in time.
        """
        if not self.try_acquire():
            await self._wait()

    def release(self) -> None:
        """Give a slot back; the oldest request in the queue gets it."""
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
            result = waiter.admitted
            if result.done() and not result.cancelled() and result.result():
                self.release()  # it got a slot and was cancelled before it could use it
            raise
        self._observe_wait(perf_counter() - waiter.since)
        if not admitted:
            raise self.too_busy_error()

    def _start_timer(self) -> None:
        """Start the timer for the oldest request's maximum wait; the queue has one timer."""
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
    """Queue entry: the start of the wait, and a future for the result (admitted or not)."""

    __slots__ = ("admitted", "since")

    def __init__(self) -> None:
        self.since = perf_counter()
        self.admitted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
