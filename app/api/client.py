"""Identification of a request's client, for a fair share of the decoder process."""

from app.api.messages import HttpRequest
from app.inference.types import Client


def client_of(request: HttpRequest, *, keyed: bool) -> Client:
    """Return the client of a request; behind a proxy, only API keys tell clients apart."""
    if not keyed:
        return Client(request.peer[0], request.peer)
    key = request.header(b"authorization").partition(" ")[2].strip()
    return Client(key, request.peer)
