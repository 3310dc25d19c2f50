"""How many requests are served at once."""

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.paths import is_api
from app.errors import refuse
from app.inference.admission import Places


class ConcurrencyLimit:
    """ASGI middleware: let an API request in when it has a place, or answer 429.

    Probes, metrics and the page pass by.
    """

    def __init__(self, app: ASGIApp, *, places: Places) -> None:
        self._app = app
        self._places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on when it is its turn."""
        if not is_api(scope):
            await self._app(scope, receive, send)
            return
        if not await self._places.take():
            await refuse(self._places.error(), scope, receive, send)
            return
        try:
            # A small picture is answered without a pause: without this one, those that arrived
            # together would come here one after the other, and never be counted together.
            await asyncio.sleep(0)
            await self._app(scope, receive, send)
        finally:
            self._places.give_back()
