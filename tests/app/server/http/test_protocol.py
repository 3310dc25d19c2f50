"""HTTP/1.1 protocol: pipelining, keep-alive, limits, disconnects, and uvicorn's internals."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.inference.admission import AdmissionQueue
from app.inference.registry import Registry
from app.server.uvicorn_server import server_config
from model_core.classifier import Classifier
from tests.support.in_process import InProcessServer, read_answer
from tests.support.pictures import as_bytes

PNG = as_bytes()
HEAD = b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
OTHER = HEAD.replace(b"predictions", b"predictions?model=dnn")
ASGI = HEAD + b"Upgrade: x\r\n"  # not on the fast path
GET = b"GET /v1/models HTTP/1.1\r\nHost: x\r\n"

# Attributes of uvicorn's protocol and request cycle that protocol.py and asgi_cycle.py use.
UVICORN_ATTRIBUTES = {
    "protocol": (
        "access_logger",
        "app",
        "app_state",
        "asgi_version",
        "client",
        "config",
        "cycle",
        "flow",
        "logger",
        "loop",
        "parser",
        "scheme",
        "server",
        "server_state",
        "tasks",
        "timeout_keep_alive",
        "timeout_keep_alive_task",
        "transport",
        "_start_asgi_task",
        "_unset_keepalive_if_required",
    ),
    "cycle": (
        "body",
        "disconnected",
        "flow",
        "keep_alive",
        "message_event",
        "more_body",
        "on_response",
        "response_complete",
        "scope",
        "transport",
        "waiting_for_100_continue",
    ),
}

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def request(body: bytes = PNG, head: bytes = HEAD) -> bytes:
    """Return a complete request."""
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


@asynccontextmanager
async def connections(writer: asyncio.StreamWriter, count: int) -> AsyncIterator[list[Streams]]:
    """Open more connections to the same server."""
    address = writer.get_extra_info("peername")
    pairs = [await asyncio.open_connection(*address) for _ in range(count)]
    try:
        yield pairs
    finally:
        for _, one in pairs:
            one.close()
            await one.wait_closed()


@pytest.fixture
def server(registry: Registry) -> InProcessServer:
    """Return a server with the default settings."""
    return InProcessServer(registry)


def test_uvicorn_has_each_attribute(server: InProcessServer) -> None:
    """Uvicorn has each internal attribute that the protocol uses."""
    config = server_config(server.gateway, server.settings)

    async def missing() -> list[str]:
        protocol = HttpToolsProtocol(config, server.state, {})
        protocol.on_message_begin()
        cycle = RequestResponseCycle.__init__.__code__.co_names
        return [
            *(name for name in UVICORN_ATTRIBUTES["protocol"] if not hasattr(protocol, name)),
            *(name for name in UVICORN_ATTRIBUTES["cycle"] if name not in cycle),
        ]

    assert asyncio.run(missing()) == []


def test_pipelined_requests_are_answered_in_order(server: InProcessServer) -> None:
    """Pipelined requests of the fast path and of ASGI are answered in their order."""
    heads = [HEAD, OTHER, HEAD, HEAD, OTHER]
    requests = [
        request(head=head + b"X-Request-ID: %d\r\n" % number) for number, head in enumerate(heads)
    ]
    requests.insert(2, GET + b"X-Request-ID: models\r\n\r\n")

    answers = server.ask(*requests)

    ids = [headers["x-request-id"] for _, headers, _ in answers]
    assert ids == ["0", "1", "models", "2", "3", "4"]
    assert {status for status, _, _ in answers} == {200}


@pytest.mark.parametrize("cut", [1, 40, len(HEAD) + 5, len(HEAD) + 30, len(request()) - 1])
def test_a_request_in_two_pieces_is_answered(server: InProcessServer, cut: int) -> None:
    """A request that arrives in two pieces is answered, wherever the first piece ends."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        writer.write(request()[:cut])
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.write(request()[cut:])
        return await read_answer(reader)

    status, _, document = server.talk(talk)

    assert (status, document["digit"]) == (200, 2)


def test_requests_of_several_connections_share_a_pass(server: InProcessServer) -> None:
    """Five requests that arrive together need fewer than five passes."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[Any]:
        async with connections(writer, 5) as pairs:
            for one, other in pairs:
                other.write(GET + b"\r\n")
                await read_answer(one)
            for _, other in pairs:
                other.write(request())
            return [await read_answer(one) for one, _ in pairs]

    predict = Classifier.predict_batch
    with patch.object(Classifier, "predict_batch", autospec=True, side_effect=predict) as ask:
        answers = server.talk(talk)

    assert [status for status, _, _ in answers] == [200] * 5
    assert 0 < ask.call_count < 5


def test_a_request_that_is_not_admitted_in_time_is_refused(registry: Registry) -> None:
    """A request without a slot gets 429; the next one on the connection is answered."""
    server = InProcessServer(registry, max_concurrent=1, wait_seconds=0.05)
    admission = server.gateway.services.predictions.admission

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[Any]:
        assert admission.try_acquire()
        writer.write(request(head=HEAD + b"X-Request-ID: mine\r\n"))
        refused = await read_answer(reader)
        admission.release()
        writer.write(request())
        return [refused, await read_answer(reader)]

    (status, headers, document), (again, _, _) = server.talk(talk)

    assert (status, again) == (429, 200)
    assert (headers["retry-after"], headers["x-request-id"]) == ("1", "mine")
    assert (document["status"], document["request_id"]) == (429, "mine")


@pytest.mark.parametrize(
    ("sent", "ends"),
    [
        (request(), False),
        (GET + b"\r\n", False),
        (
            request(head=HEAD.replace(b"HTTP/1.1", b"HTTP/1.0") + b"Connection: keep-alive\r\n"),
            True,
        ),
        (request(bytes(300_000), head=HEAD + b"Connection: close\r\n"), True),
    ],
    ids=["small", "GET", "1.0", "large"],
)
def test_a_saturated_service_sends_one_complete_response(
    server: InProcessServer, sent: bytes, ends: bool
) -> None:
    """After a 429 the connection carries the next response, or it is closed."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        with patch.object(AdmissionQueue, "is_saturated", True):
            writer.write(sent)
            refused = await read_answer(reader)
        if ends:
            return refused, await reader.read()
        writer.write(request())
        return refused, await read_answer(reader)

    (status, _, document), rest = server.talk(talk)

    assert status == document["status"] == 429
    assert rest == b"" if ends else rest[0] == 200


@pytest.mark.parametrize("missing", [10, len(PNG) + 10], ids=["body", "header"])
def test_an_idle_connection_is_not_closed_during_its_next_request(
    registry: Registry, missing: int
) -> None:
    """The keep-alive timeout does not run while a request is incomplete."""
    server = InProcessServer(registry, idle_seconds=1)
    slow = request(head=OTHER)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[int]:
        writer.write(request() + slow[:-missing])
        first = await read_answer(reader)
        await asyncio.sleep(1.2)
        writer.write(slow[-missing:])
        return [first[0], (await read_answer(reader))[0]]

    assert server.talk(talk) == [200, 200]


@pytest.mark.parametrize("missing", [0, 2])
def test_a_long_header_after_another_request_is_refused(
    server: InProcessServer, missing: int
) -> None:
    """A long header gets 431 also if it begins, or arrives, in one piece with another request."""
    long = b"GET /v1/models HTTP/1.1\r\nX: %s\r\n\r\n" % (b"a" * 20_000)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write((request() + long)[: -missing or None])
        await reader.readuntil(b"HTTP/1.1 ")
        writer.write(long[-missing:] if missing else b"")
        return await reader.read()

    assert server.talk(talk).rpartition(b"HTTP/1.1 ")[2].startswith(b"431")


def test_a_disconnect_leaves_no_task(server: InProcessServer) -> None:
    """After a disconnect no task and no connection remain, and the next client is answered."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(request())
        await writer.drain()
        writer.transport.abort()
        while server.state.connections or server.state.tasks:
            await asyncio.sleep(0)

    for _ in range(3):
        server.talk(talk)
    [(status, _, _)] = server.ask(request())

    assert status == 200


@pytest.mark.parametrize("head", [HEAD, ASGI], ids=["fast", "ASGI"])
def test_a_disconnect_during_the_body_is_counted(
    server: InProcessServer, statuses: list[int], head: bytes
) -> None:
    """A disconnect during the body is counted one time as 499, and its bytes are released."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(request(head=head)[:-5])
        await writer.drain()
        while not server.gateway.body_limit.total_bytes:
            await asyncio.sleep(0)
        writer.transport.abort()
        while server.state.connections or server.state.tasks:
            await asyncio.sleep(0)

    server.talk(talk)

    assert statuses == [499]
    assert server.gateway.body_limit.total_bytes == 0


def test_incomplete_bodies_have_a_total_limit(registry: Registry) -> None:
    """The request whose body exceeds the total limit of incomplete bodies gets 429."""
    server = InProcessServer(registry, max_total_body_bytes=1024)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        head = HEAD + b"Content-Length: 2000\r\n\r\n"
        async with connections(writer, 1) as [(_, other)]:
            other.write(head + bytes(800))
            while not server.gateway.body_limit.total_bytes:
                await asyncio.sleep(0)
            writer.write(head + bytes(800))
            answer = await read_answer(reader)
        while len(server.state.connections) > 1:
            await asyncio.sleep(0)
        return answer

    status, _, document = server.talk(talk)

    assert status == 429
    assert document["detail"].startswith("service: expected at most 1024 bytes of request bodies")
    assert server.gateway.body_limit.total_bytes == 0


def test_a_complete_body_is_not_refused_for_the_limit_of_all_bodies(
    registry: Registry, statuses: list[int]
) -> None:
    """A request that is being answered has one response, though a next header has begun."""
    server = InProcessServer(registry, max_total_body_bytes=1024)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[int]:
        writer.write(request(PNG + bytes(2000)) + GET)
        first, _, _ = await read_answer(reader)
        writer.write(b"\r\n")
        return [first, (await read_answer(reader))[0]]

    assert server.talk(talk) == [200, 200]
    assert statuses == [200, 200]
    assert server.gateway.body_limit.total_bytes == 0


@pytest.mark.parametrize("asks", [True, False])
def test_the_last_response_closes_the_connection(server: InProcessServer, asks: bool) -> None:
    """The connection is closed if the client asks for it or the service is shutting down."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        if not asks:
            server.readiness.ready = False
        writer.write(request(head=HEAD + b"Connection: close\r\n" * asks))
        answer = await read_answer(reader)
        return answer, await reader.read()

    (status, headers, _), rest = server.talk(talk)

    assert (status, headers["connection"], rest) == (200, "close", b"")


@pytest.mark.parametrize("sent", [request(), GET + b"\r\n"], ids=["prediction", "models"])
def test_a_shutdown_waits_for_the_response(server: InProcessServer, sent: bytes) -> None:
    """A shutdown between a request and its response waits for the response."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        writer.write(sent)
        while not server.state.tasks:
            await asyncio.sleep(0)
        for connection in list(server.state.connections):
            connection.shutdown()
        answer = await read_answer(reader)
        return answer, await reader.read()

    (status, headers, _), rest = server.talk(talk)

    assert (status, headers["connection"], rest) == (200, "close", b"")


@pytest.mark.parametrize("head", [HEAD, ASGI], ids=["fast", "ASGI"])
def test_a_request_cancelled_at_shutdown_gets_503(
    server: InProcessServer, statuses: list[int], head: bytes
) -> None:
    """A prediction that uvicorn cancels after the grace period gets 503 as a problem document."""
    admission = server.gateway.services.predictions.admission
    while admission.try_acquire():
        pass

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        writer.write(request(head=head))
        while not server.state.tasks:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        for task in list(server.state.tasks):
            task.cancel()
        return await read_answer(reader)

    status, _, document = server.talk(talk)

    assert status == document["status"] == 503
    assert statuses == [503]


def test_an_exception_before_the_body_gets_500(server: InProcessServer) -> None:
    """An unexpected exception in the gateway's check gets 500 as a problem document."""
    with patch.object(type(server.gateway), "refusal", side_effect=RuntimeError("secret")):
        [(status, headers, document)] = server.ask(request())

    assert (status, headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in document["detail"]


@pytest.mark.parametrize("end", [b"no request\r\n\r\n", b"GET /v1\xff HTTP/1.1\r\n\r\n"])
@pytest.mark.parametrize("heads", [[HEAD], [ASGI], [HEAD, ASGI, HEAD]])
def test_invalid_http_after_requests_is_refused_after_their_responses(
    server: InProcessServer, statuses: list[int], heads: list[bytes], end: bytes
) -> None:
    """The requests before an invalid one are answered, in order, and then comes the 400."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        writer.write(b"".join(request(head=head) for head in heads) + end)
        answers = [(await read_answer(reader))[0] for _ in [*heads, end]]
        return answers, await reader.read()

    expected = [200] * len(heads) + [400]
    assert server.talk(talk) == (expected, b"")
    assert sorted(statuses) == expected


def test_invalid_http_is_counted_once(server: InProcessServer, statuses: list[int]) -> None:
    """Bytes that are not HTTP are counted one time as 400, and the connection is closed."""
    [(status, headers, _)] = server.ask(b"no request\r\n\r\n")

    assert (status, headers["connection"], statuses) == (400, "close", [400])


def test_a_prediction_leaves_no_cyclic_garbage(server: InProcessServer) -> None:
    """Its objects are freed with it: the garbage collector, which stops all requests, rests."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        for _ in range(3):
            writer.write(request())
            await read_answer(reader)
        gc.collect()
        gc.disable()
        try:
            for _ in range(10):
                writer.write(request())
                await read_answer(reader)
            return gc.collect()
        finally:
            gc.enable()

    assert server.talk(talk) == 0


@pytest.mark.parametrize("head", [b"", b"Host: a b\r\n", b"Host: x\r\nno colon\r\n"])
def test_a_refused_head_request_gets_no_body(server: InProcessServer, head: bytes) -> None:
    """The response to HEAD ends with its header, also if the request is invalid."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"HEAD / HTTP/1.1\r\n" + head + b"\r\n")
        return await reader.read()

    response = server.talk(talk)

    assert response.startswith(b"HTTP/1.1 400 ")
    assert response.endswith(b"\r\n\r\n")
    assert response.count(b"\r\n\r\n") == 1
