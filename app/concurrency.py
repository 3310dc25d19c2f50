"""How many requests are served at once, and how long the others wait for their turn."""

import asyncio
from collections import OrderedDict

from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import TooBusyError, refuse
from app.paths import is_api


class ConcurrencyLimit:
    """ASGI middleware: let so many API requests in; the next waits, then is answered 429.

    Probes, metrics and the page pass by. Turns are given in the order of arrival.
    Units: ``most`` requests, ``wait_seconds``.
    """

    def __init__(self, app: ASGIApp, *, most: int, wait_seconds: float) -> None:
        self._app = app
        self._most = most
        self._free = most
        self._wait_seconds = wait_seconds
        self._waiting: OrderedDict[asyncio.Future[bool], None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on when it is its turn."""
        if not is_api(scope):
            await self._app(scope, receive, send)
            return
        if self._free:
            self._free -= 1
        elif not await self._wait():
            error = TooBusyError(
                f"service: expected at most {self._most} requests at once, got more for "
                f"{self._wait_seconds:g} s; try again later"
            )
            await refuse(error, scope, receive, send)
            return
        try:
            # A small picture is answered without a pause: without this one, those that arrived
            # together would come here one after the other, and never be counted together.
            await asyncio.sleep(0)
            await self._app(scope, receive, send)
        finally:
            self._give_back()

    async def _wait(self) -> bool:
        """Return whether a place came free in time."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        self._waiting[turn] = None
        timer = loop.call_later(self._wait_seconds, self._give_up, turn)
        try:
            return await turn
        except asyncio.CancelledError:
            self._waiting.pop(turn, None)
            if not turn.cancelled() and turn.result():
                self._give_back()  # it was given a place, but is no longer there to take it
            raise
        finally:
            timer.cancel()

    def _give_up(self, turn: asyncio.Future[bool]) -> None:
        if not turn.done():
            del self._waiting[turn]
            turn.set_result(False)

    def _give_back(self) -> None:
        while self._waiting:
            turn, _ = self._waiting.popitem(last=False)
            if not turn.done():  # as one that was cancelled is
                turn.set_result(True)
                return
        self._free += 1
