"""The body of a request; mostly it comes whole, and Starlette's own way to it is longer."""

from starlette.requests import ClientDisconnect, Request


async def read_chunk(request: Request) -> tuple[bytes, bool]:
    """Return what comes next of a body, and whether there is more.

    Raises: ClientDisconnect if the client has gone away before the end.
    """
    message = await request.receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message.get("body", b""), message.get("more_body", False)


async def read_body(request: Request) -> bytes:
    """Return a whole body.

    Raises: ClientDisconnect if the client goes away before the end.
    """
    chunk, more = await read_chunk(request)
    if not more:
        return chunk
    chunks = [chunk]
    while more:
        chunk, more = await read_chunk(request)
        chunks.append(chunk)
    return b"".join(chunks)
