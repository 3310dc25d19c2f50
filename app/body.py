"""The body of a request; mostly it comes whole, and Starlette's own way to it is longer."""

from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request


async def chunks(request: Request) -> AsyncIterator[bytes]:
    """Yield the parts of a body as they come.

    Raises: ClientDisconnect if the client goes away before the end.
    """
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        yield message.get("body", b"")
        more = message.get("more_body", False)


async def read_body(request: Request) -> bytes:
    """Return a whole body.

    Raises: ClientDisconnect if the client goes away before the end.
    """
    parts = [chunk async for chunk in chunks(request)]
    return parts[0] if len(parts) == 1 else b"".join(parts)
