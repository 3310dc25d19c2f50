"""The answers do not depend on the pieces in which a request arrives."""

import asyncio
from collections.abc import Iterable, Sequence

import pytest
from uvicorn import Config

from app.inference.registry import Registry
from app.server.http.protocol import Protocol
from app.server.uvicorn_server import server_config
from tests.app.server.http.cases import CASES
from tests.support.http_exchange import statuses
from tests.support.in_process import InProcessServer
from tests.support.recording_transport import RecordingTransport

# Iterations of the event loop in which each request is answered.
_QUIET = 100

_LIMIT = 2000

# With more bytes the pieces would be too many.
_SHORT = [case for case in CASES if sum(map(len, case.pieces)) < 2000 and case.sent]

# Cut at each byte.
_IMPORTANT = (
    "trailer",
    "Connection: close in the trailer",
    "empty lines in the data",
    "last chunk in the data",
    "h2c with a body and a request",
    "h2c with chunks and a request",
    "h2c with a request as body",
    "h2c twice",
    "websocket and a request",
    "fast and slow requests",
    "chunks, length, chunks",
    "invalid second request, slow first",
    "length and chunks",
    "two hosts",
    "empty lines before",
    "request behind the last",
)


@pytest.fixture(scope="module")
def server(registry: Registry) -> InProcessServer:
    """Return a server with the default settings."""
    return InProcessServer(registry, access_log=0)


async def settle(
    server: InProcessServer, protocol: Protocol, transport: RecordingTransport
) -> None:
    """Run the event loop until all complete requests are answered."""
    stream = protocol._stream
    quiet = 0
    while quiet < _LIMIT and (server.state.tasks or (stream.has_more and not transport.closed)):
        await asyncio.sleep(0 if quiet < _QUIET else 0.001)
        quiet += 1
        if stream.in_body and not stream.failed and quiet > _QUIET:
            return  # its task waits for the rest


async def outcome(config: Config, server: InProcessServer, pieces: Iterable[bytes]) -> str:
    """Receive pieces on a new connection; return the statuses and the end, as in ``Case``."""
    transport = RecordingTransport()
    protocol = Protocol(config, server.state, {})
    protocol.connection_made(transport)
    for piece in pieces:
        protocol.data_received(piece)
        await asyncio.sleep(0)
    await settle(server, protocol, transport)
    end = "closed" if transport.closed else "kept" if protocol._stream.is_between else "waits"
    protocol.connection_lost(None)
    await settle(server, protocol, transport)
    return " ".join([*statuses(transport.written), end])


def outcomes(server: InProcessServer, sent: Sequence[Sequence[bytes]]) -> list[str]:
    """Return the outcome of each sequence of pieces."""
    config = server_config(server.gateway, server.settings)
    config.load()

    async def receive_all() -> list[str]:
        return [await outcome(config, server, pieces) for pieces in sent]

    return asyncio.run(receive_all())


def without_continue(found: str) -> str:
    """Return an outcome without 100: it depends on whether a part of the body has arrived."""
    return found.replace("100 ", "")


def test_byte_by_byte_gives_the_same_answers(server: InProcessServer) -> None:
    """Each short case has the same outcome in one piece and in pieces of one byte."""
    whole = outcomes(server, [[b"".join(case.pieces)] for case in _SHORT])
    bytewise = outcomes(
        server, [[bytes([byte]) for byte in b"".join(case.pieces)] for case in _SHORT]
    )

    different = [
        f"{case.name}: {one} in one piece, {other} byte by byte"
        for case, one, other in zip(_SHORT, whole, bytewise, strict=True)
        if without_continue(one) != without_continue(other)
    ]

    assert len(_SHORT) > 300
    assert different == []


@pytest.mark.parametrize("name", _IMPORTANT)
def test_a_cut_at_any_byte_gives_the_same_answers(server: InProcessServer, name: str) -> None:
    """A case in two pieces has the outcome of the table, wherever the first piece ends."""
    [case] = [case for case in CASES if case.name == name]
    sent = b"".join(case.pieces)

    found = outcomes(server, [(sent[:cut], sent[cut:]) for cut in range(1, len(sent))])

    assert set(found) == {case.ours}
