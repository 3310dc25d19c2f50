"""Identification of a request's client, for a fair share of the decoder process."""

from app.api.messages import Headers
from app.inference.types import Client


def client_of(peer: tuple[str, int], headers: Headers, *, keyed: bool) -> Client:
    """Return the client with this address and port; behind a proxy, only API keys tell them apart.

    Its name is its address, or the value of the header Authorization if API keys are set.
    """
    if not keyed:
        return Client(peer[0], peer)
    value = next((value for name, value in headers if name == b"authorization"), b"")
    return Client(value.decode("latin-1").partition(" ")[2].strip(), peer)
