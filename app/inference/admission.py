"""Places for requests that are served at once, and a queue for those that wait for one."""

import asyncio
from collections import OrderedDict

from app.errors import TooBusyError

# While the first of the queue waits longer than this share of the wait, a new one would wait in
# vain: it is refused as soon as it comes, and for less work.
_LONG = 0.5


class Places:
    """So many places; turns are given in the order of arrival.

    Units: ``most`` requests, ``wait_seconds``.
    """

    def __init__(self, most: int, wait_seconds: float) -> None:
        self._most = most
        self._free = most
        self._wait_seconds = wait_seconds
        # Who waits, and since when, in the time of the event loop.
        self._waiting: OrderedDict[asyncio.Future[bool], float] = OrderedDict()

    @property
    def hopeless(self) -> bool:
        """Return whether a request that comes now would wait in vain."""
        if not self._waiting:
            return False
        since = next(iter(self._waiting.values()))
        now = asyncio.get_running_loop().time()
        return now - since > _LONG * self._wait_seconds

    def error(self) -> TooBusyError:
        """Return what a request is told that gets no place."""
        return TooBusyError(
            f"service: expected at most {self._most} requests at once, got more for "
            f"{self._wait_seconds:g} s; try again later"
        )

    async def take(self) -> bool:
        """Take a place, if one is free or comes free in time; return whether."""
        if not self._free:
            return await self._wait()
        self._free -= 1
        return True

    def give_back(self) -> None:
        """Leave a place to the next."""
        while self._waiting:
            turn, _ = self._waiting.popitem(last=False)
            if not turn.done():  # as one that was cancelled is
                turn.set_result(True)
                return
        self._free += 1

    async def _wait(self) -> bool:
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        self._waiting[turn] = loop.time()
        timer = loop.call_later(self._wait_seconds, self._give_up, turn)
        try:
            return await turn
        except asyncio.CancelledError:
            self._waiting.pop(turn, None)
            if not turn.cancelled() and turn.result():
                self.give_back()  # it was given a place, but is no longer there to take it
            raise
        finally:
            timer.cancel()

    def _give_up(self, turn: asyncio.Future[bool]) -> None:
        if not turn.done():
            del self._waiting[turn]
            turn.set_result(False)
