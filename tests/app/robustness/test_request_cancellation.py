"""Clients that disconnect during a request."""

import asyncio
import socket
import time
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from app.inference.registry import Registry
from model_core.classifier import Classifier
from tests.support.in_process import InProcessServer, read_answer
from tests.support.pictures import as_bytes, encode, two
from tests.support.servers import Server

PICTURE = as_bytes()
HEAD = b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
SMALL = HEAD % len(PICTURE) + PICTURE
PHOTO = encode(two(2000).convert("RGB"), "JPEG")
ASGI = HEAD.replace(b"Host: x", b"Host: x\r\nUpgrade: x")  # not on the fast path


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST /v1/pred",
        HEAD % 1000,
        HEAD % 1000 + b"half",
        SMALL,
        SMALL * 3,
        HEAD % len(PHOTO) + PHOTO,
        ASGI % len(PHOTO) + PHOTO + SMALL,
    ],
    ids=["nothing", "header", "no body", "half", "small", "pipelined", "photo", "behind a photo"],
)
@pytest.mark.parametrize("reset", [True, False])
def test_a_disconnect_leaves_nothing_in_flight(
    default_server: Server, sent: bytes, reset: bool
) -> None:
    """After a close or reset at any point of a request, no request is in flight, without errors."""
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", default_server.port), timeout=10) as connection:
            if reset:  # closing sends RST
                linger = (1).to_bytes(4, "little") + bytes(4)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            connection.sendall(sent)
            time.sleep(0.01)

    assert _in_flight(default_server) == 0
    assert not [
        line for line in default_server.log if "Traceback" in line or "internal error" in line
    ]


def test_a_disconnect_in_the_queue_costs_no_prediction(registry: Registry) -> None:
    """A request whose client disconnects while it waits for a slot is not predicted."""
    server = InProcessServer(registry, max_concurrent=1, wait_seconds=60)
    service = server.gateway.services.predictions

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        assert service.admission.try_acquire()
        for _ in range(20):
            _, one = await asyncio.open_connection(*writer.get_extra_info("peername"))
            one.write(SMALL)
            await one.drain()
            while not server.state.tasks:
                await asyncio.sleep(0)
            reset(one)
        while len(server.state.connections) > 1:
            await asyncio.sleep(0)
        writer.write(SMALL)
        await asyncio.sleep(0.01)
        service.admission.release()
        return await read_answer(reader)

    predict = Classifier.predict_batch
    with patch.object(Classifier, "predict_batch", autospec=True, side_effect=predict) as ask:
        status, _, _ = server.talk(talk)

    assert (status, ask.call_count) == (200, 1)


def test_a_disconnect_reaches_the_first_of_pipelined_requests(registry: Registry) -> None:
    """A request that waits for a slot with another one behind it is not predicted."""
    server = InProcessServer(registry, max_concurrent=1, wait_seconds=60)
    service = server.gateway.services.predictions

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert service.admission.try_acquire()
        writer.write(ASGI % len(PICTURE) + PICTURE + SMALL)
        await writer.drain()
        while not server.state.tasks:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        reset(writer)
        while server.state.connections:
            await asyncio.sleep(0)
        service.admission.release()
        while server.state.tasks:
            await asyncio.sleep(0)

    predict = Classifier.predict_batch
    with patch.object(Classifier, "predict_batch", autospec=True, side_effect=predict) as ask:
        server.talk(talk)

    assert ask.call_count == 0


def reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection with RST, which says that the client also reads no more."""
    linger = (1).to_bytes(4, "little") + bytes(4)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


def _in_flight(server: Server) -> float:
    """Return the requests in flight when there are none, or after two seconds."""
    end = time.monotonic() + 2
    while True:
        lines = httpx.get(f"{server.url}/metrics").text.splitlines()
        name = "digitserve_requests_in_flight "
        count = float(next(line for line in lines if line.startswith(name)).split()[1])
        if count == 0 or time.monotonic() > end:
            return count
        time.sleep(0.02)
