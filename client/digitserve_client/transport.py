"""What both transports share: arguments and errors of httpx."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx

from digitserve_client.calls import Call
from digitserve_client.errors import DeadlineExceededError, InvalidAnswerError, NoResponseError
from digitserve_client.reply import Reply
from digitserve_client.retry import Exchange
from digitserve_client.version import VERSION

T = TypeVar("T")

# Seconds until a connection must be there: a host that is down is tried again before the deadline.
_CONNECT_SECONDS = 10.0


def client_headers(api_key: str | None) -> dict[str, str]:
    """Return the headers of every request."""
    headers = {"User-Agent": f"digitserve-client/{VERSION}", "Accept": "application/json"}
    return headers | ({"Authorization": f"Bearer {api_key}"} if api_key else {})


def request_arguments(call: Call[Any], exchange: Exchange) -> dict[str, Any]:
    """Return the arguments of httpx for the next attempt of a call.

    Raises: DeadlineExceededError.
    """
    left = exchange.time_left()
    arguments: dict[str, Any] = {
        "method": call.method,
        "url": call.path,
        "params": call.parameters,
        "timeout": httpx.Timeout(left, connect=min(left, _CONNECT_SECONDS)),
    }
    if call.files:
        arguments["files"] = [(name, (file.name, file.content)) for name, file in call.files]
        arguments["data"] = dict(call.fields)
    elif call.document is not None:
        arguments["json"] = call.document
    elif call.content is not None:
        arguments["content"] = call.content
        arguments["headers"] = {"Content-Type": "application/octet-stream"}
    return arguments


def make_reply(response: httpx.Response, body: bytes) -> Reply:
    """Return a response of httpx as a Reply."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, headers, body)


@contextmanager
def translated_errors(exchange: Exchange) -> Iterator[None]:
    """Replace httpx's errors in a block by those of the client.

    Raises: DeadlineExceededError, NoResponseError, InvalidAnswerError.
    """
    try:
        yield
    except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.DecodingError) as error:
        raise InvalidAnswerError(f"request: expected an answer over HTTP, got: {error}") from error
    except (httpx.TransportError, TimeoutError) as error:
        if isinstance(error, DeadlineExceededError):
            raise
        if isinstance(error, httpx.TimeoutException | TimeoutError):
            exchange.time_left()
        kind = type(error).__name__
        raise NoResponseError(f"connection: expected a response, got {kind}: {error}") from error
