"""The prediction routes, answered before FastAPI's router."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.query import read_query
from app.api.schemas import PredictionQuery
from app.errors import AppError, answer_app_error

Endpoint = Callable[[Request, PredictionQuery], Awaitable[Response]]


class Direct:
    """ASGI middleware: call the endpoint of a POST to one of ``endpoints``, by path.

    FastAPI has the same routes, for its document and for all other methods; routing and resolving
    dependencies would take it longer than decoding and answering a small picture takes us.
    """

    def __init__(self, app: ASGIApp, *, endpoints: dict[str, Endpoint]) -> None:
        self._app = app
        self._endpoints = endpoints

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        endpoint = self._endpoints.get(scope["path"])
        if endpoint is None:
            await self._app(scope, receive, send)
            return
        scope["endpoint"] = endpoint  # for who counts requests by route
        request = Request(scope, receive)
        try:
            response = await endpoint(request, read_query(scope["query_string"]))
        except AppError as error:
            response = answer_app_error(request, error)
        await response(scope, receive, send)
