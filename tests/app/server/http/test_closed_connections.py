"""Connections that are refused or cut: each is counted once and logged, by reason."""

import asyncio
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.inference.registry import Registry
from app.telemetry.log.connection_log import CloseReason
from app.telemetry.metrics import Metrics
from tests.support.in_process import InProcessServer
from tests.support.pictures import as_bytes

PNG = as_bytes()
HEAD = b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\n"
REQUEST = HEAD + b"Content-Length: %d\r\n\r\n" % len(PNG) + PNG
CLOSE = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

# What a client sends, and the reason for which its connection is refused or cut.
CASES: dict[str, tuple[bytes, CloseReason]] = {
    "nothing": (b"", "no-request"),
    "part of a header": (HEAD, "header-timeout"),
    "part of a second header": (REQUEST + HEAD, "header-timeout"),
    "large header": (HEAD + b"X: %b\r\n\r\n" % (b"a" * 70_000), "header-too-large"),
    "not HTTP": (b"no request\r\n\r\n", "malformed-request"),
    "part of a small body": (HEAD + b"Content-Length: 9\r\n\r\n1", "body-timeout"),
    "part of a large body": (HEAD + b"Content-Length: 99999\r\n\r\n1", "body-timeout"),
    "part of a chunked body": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\n1", "body-timeout"),
    "refused, part of a body": (HEAD + b"Content-Length: 99999999\r\n\r\n1", "body-timeout"),
}


@contextmanager
def closings(patch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Note the reasons that are counted, and check that the same ones are logged."""
    counted: list[str] = []
    patch.setattr(Metrics, "count_closed", lambda _, reason: counted.append(reason))
    with capture_logs() as lines:
        yield counted
    assert [line["reason"] for line in lines if line["event"] == "connection closed"] == counted


async def read_to_the_end(reader: asyncio.StreamReader) -> bytes:
    """Return what arrives until the server closes the connection, or waits for the client."""
    try:
        return await asyncio.wait_for(reader.read(), 1.5)
    except (ConnectionError, TimeoutError):
        return b""


@pytest.mark.parametrize(("sent", "reason"), CASES.values(), ids=CASES)
def test_a_connection_that_the_server_closes_has_its_reason(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, sent: bytes, reason: CloseReason
) -> None:
    """A connection that the server closes is counted and logged once, with the first reason."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await read_to_the_end(reader)
        await asyncio.sleep(0.01)

    with closings(monkeypatch) as counted:
        InProcessServer(registry, receive_seconds=0.1).talk(talk)

    assert counted == [reason]


@pytest.mark.parametrize("sent", [HEAD, HEAD + b"Content-Length: 9\r\n\r\n1", REQUEST])
def test_a_client_that_disconnects_has_its_reason(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """A reset in the header, in the body or before the response is a disconnect of the client."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await asyncio.sleep(0.05 if sent != REQUEST else 0)
        reset = struct.pack("ii", 1, 0)  # the close sends a reset, not the end of the input
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        writer.transport.abort()
        await asyncio.sleep(0.05)

    async def never(*_: Any, **__: Any) -> None:
        await asyncio.sleep(10)

    monkeypatch.setattr("app.inference.service.PredictionService.predict", never)
    with closings(monkeypatch) as counted:
        InProcessServer(registry).talk(talk)

    assert counted == ["client-disconnected"]


@pytest.mark.parametrize("sent", [b"", REQUEST, CLOSE, REQUEST + CLOSE])
def test_a_client_that_has_its_responses_is_no_closing(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """A connection that ends between requests is not counted as refused or cut."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await asyncio.sleep(0.1)
        writer.close()
        await asyncio.sleep(0.02)

    with closings(monkeypatch) as counted:
        InProcessServer(registry).talk(talk)

    assert counted == []


def test_an_idle_connection_is_no_closing(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that is closed after its idle time is not counted as refused or cut."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(REQUEST)
        await read_to_the_end(reader)

    with closings(monkeypatch) as counted:
        InProcessServer(registry, idle_seconds=1).talk(talk)

    assert counted == []
