"""Identification of a request's client, for a fair share of the decoder process."""

from app.api.messages import HttpRequest
from app.inference.types import Client


def client_of(request: HttpRequest, *, keyed: bool) -> Client:
    """Return the client of a request; behind a proxy, only API keys tell clients apart."""
    authorization = request.header(b"authorization") if keyed else ""
    return identify(request.peer, authorization, keyed=keyed)


def identify(peer: tuple[str, int], authorization: str, *, keyed: bool) -> Client:
    """Return the client with this address and port, and this value of the header Authorization."""
    name = authorization.partition(" ")[2].strip() if keyed else peer[0]
    return Client(name, peer)
