"""HTTP server inside the test process, so that tests can observe and replace parts."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from uvicorn.server import ServerState

from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.main import create_app
from app.server.http.protocol import Protocol
from app.server.uvicorn_server import server_config
from app.settings import Settings

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[Any]]
Answer = tuple[int, dict[str, str], Any]

# Time limit of a conversation.
LIMIT_SECONDS = 20


class InProcessServer:
    """HTTP server that runs during a conversation with a client; ``gateway`` is its application."""

    def __init__(self, registry: Registry, **settings: Any) -> None:
        self.settings = Settings(**settings)
        self.readiness = Readiness()
        self.readiness.ready = True
        self.gateway = create_app(self.settings, registry, self.readiness)
        self.state = ServerState()

    def talk(self, talk: Talk) -> Any:
        """Run a conversation over one connection, and return its result."""
        return asyncio.run(self._talk(talk))

    def ask(self, *requests: bytes) -> list[Answer]:
        """Send all requests at once; return status, headers and document of each response."""

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[Answer]:
            writer.write(b"".join(requests))
            return [await read_answer(reader) for _ in requests]

        answers: list[Answer] = self.talk(talk)
        return answers

    async def _talk(self, talk: Talk) -> Any:
        config = server_config(self.gateway, self.settings)
        config.load()
        self.state.default_headers = config.encoded_headers
        server = await asyncio.get_running_loop().create_server(
            lambda: Protocol(config, self.state, {}), "127.0.0.1", 0
        )
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            return await asyncio.wait_for(talk(reader, writer), LIMIT_SECONDS)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            server.close()
            for connection in list(self.state.connections):  # half-closed ones, for example
                connection.transport.abort()
            self.gateway.services.predictions.stop()


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """Read a response; return its status, headers and document."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
    headers = dict(line.lower().split(": ", 1) for line in lines[1:-1])
    body = await reader.readexactly(int(headers["content-length"]))
    length = int(headers.get("inference-header-content-length", len(body)))
    document = json.loads(body[:length])
    if body[length:]:  # of the Open Inference Protocol
        document["binary"] = body[length:].hex()
    return int(lines[0].split()[1]), headers, document
