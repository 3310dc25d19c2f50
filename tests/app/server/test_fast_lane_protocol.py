"""The short way gives the answers of the long one, and leaves to that whatever is not plain."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from unittest.mock import patch

import httpx
import numpy as np
import pytest
from PIL import Image
from uvicorn.server import ServerState

from app.inference.admission import Places
from app.inference.fast_lane import Express, Short
from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.main import create_app
from app.server.protocol import Protocol
from app.server.uvicorn_server import _config
from app.settings import Settings
from model_core.classifier import BLOCK, Classifier, Prediction
from model_core.parameter import Array
from tests.support.pictures import as_bytes, encode, two

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[Any]]

PNG = as_bytes()
HEAD = b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"


def request(body: bytes = PNG, head: bytes = HEAD) -> bytes:
    """Return a request, whole."""
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


class Service:
    """A service in this process, and how many requests went the short way."""

    def __init__(self, registry: Registry, **settings: Any) -> None:
        readiness = Readiness()
        readiness.start()
        self.settings = Settings(**settings)
        self.app = create_app(self.settings, registry, readiness)
        self.state = self.app.state.digitserve
        self.server_state = ServerState()
        self.short = 0
        if self.state.express:
            self._count(self.state.express)

    def talk(self, talk: Talk) -> Any:
        """Return what comes of talking to it over a connection."""
        return asyncio.run(self._talk(talk))

    def ask(self, *requests: bytes) -> list[tuple[int, dict[str, str], Any]]:
        """Return status, headers and document of each answer; all is sent at once."""

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
            writer.write(b"".join(requests))
            return [await read(reader) for _ in requests]

        answers: list[tuple[int, dict[str, str], Any]] = self.talk(talk)
        return answers

    def _count(self, express: Express) -> None:
        add = express.add

        def counted(request: Short) -> None:
            finish = request.finish

            def finish_and_count(answer: tuple[int, str, bytes] | None) -> None:
                self.short += answer is not None
                finish(answer)

            request.finish = finish_and_count
            add(request)

        express.add = counted  # type: ignore[method-assign]

    async def _talk(self, talk: Talk) -> Any:
        config = _config(self.app, self.settings)
        config.load()
        self.server_state.default_headers = config.encoded_headers
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Protocol(config, self.server_state, {}), "127.0.0.1", 0
        )
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            return await asyncio.wait_for(talk(reader, writer), 10)
        finally:
            writer.close()
            server.close()


async def read(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], Any]:
    """Return status, headers and document of the next answer."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
    headers = dict(line.lower().split(": ", 1) for line in lines[1:-1])
    document = json.loads(await reader.readexactly(int(headers["content-length"])))
    return int(lines[0].split()[1]), headers, document


@pytest.fixture
def service(registry: Registry) -> Service:
    """Return a service with plain settings."""
    return Service(registry)


def form(content: bytes, name: str = "image") -> bytes:
    """Return a request with a form."""
    plain = httpx.Request("POST", "http://x", files={name: ("a.png", content)})
    head = f"POST /v1/predictions HTTP/1.1\r\nContent-Type: {plain.headers['content-type']}\r\n"
    return request(plain.read(), head.encode())


@pytest.mark.parametrize(
    "sent",
    [
        request(),
        request(encode(two(64), "JPEG")),
        request(head=HEAD.replace(b"image/png", b"image/anything")),
        form(PNG),
    ],
    ids=["PNG", "JPEG", "type", "form"],
)
def test_answers_are_those_of_the_long_way(service: Service, sent: bytes) -> None:
    """The same status, headers and document, but for the request id; and counted the same."""
    long = sent.replace(b"predictions", b"predictions?normalise=auto")

    (one, headers, document), (other, other_headers, other_document) = service.ask(sent, long)

    assert service.short == 1
    assert (one, other) == (200, 200)
    for fields in (headers, document, other_document, other_headers):
        fields.pop("x-request-id", fields.pop("request_id", None))
    assert headers == other_headers
    assert document == other_document
    assert list(document) == list(other_document)
    child = service.state.metrics._requests["/v1/predictions", "200"]
    assert sum(service.state.metrics.cells.mine[child.column : child.column + 14]) == 2


def test_the_request_id_is_the_caller_s(service: Service) -> None:
    """In the header and in the document."""
    [(_, headers, document)] = service.ask(request(head=HEAD + b"X-Request-ID: mine\r\n"))

    assert service.short == 1
    assert headers["x-request-id"] == document["request_id"] == "mine"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (request(b"no picture"), 415),
        (request(PNG[:60]), 422),
        (request(encode(Image.new("L", (2000, 2000)))), 200),
        (
            request(
                encode(
                    Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 200), np.uint8))
                )
            ),
            200,
        ),
        (request(head=HEAD.replace(b"predictions", b"predictions?model=dnn")), 200),
        (request(head=HEAD.replace(b"predictions", b"predictions?model=x")), 404),
        (request(head=HEAD.replace(b"POST", b"PUT")), 405),
        (request(head=HEAD.replace(b"image/png", b"text/plain")), 415),
        (request(head=HEAD.replace(b"Content-Type: image/png\r\n", b"")), 200),
        (request(head=HEAD.replace(b"HTTP/1.1", b"HTTP/1.0")), 200),
        (request(b""), 400),
        (form(PNG, "other"), 400),
        (form(PNG)[:-30] + b" " * 30, 400),
    ],
)
def test_what_is_not_plain_takes_the_long_way(service: Service, sent: bytes, status: int) -> None:
    """And is answered there."""
    [(got, _, document)] = service.ask(sent)

    assert service.short == 0
    assert got == status
    assert (status == 200) == ("digit" in document)


@pytest.mark.parametrize(
    "settings",
    [{"api_keys": "a-key-of-sixteen-characters"}, {"trusted_hosts": "x"}],
)
def test_where_keys_or_hosts_are_checked_there_is_no_short_way(
    registry: Registry, settings: dict[str, str]
) -> None:
    """Every request passes what checks them."""
    key = b"Authorization: Bearer a-key-of-sixteen-characters\r\n"
    service = Service(registry, **settings)

    [(status, _, _)] = service.ask(request(head=HEAD + key))

    assert (service.state.express, status) == (None, 200)


def test_requests_that_come_at_once_are_answered_in_order(service: Service) -> None:
    """Short and long by turns, on one connection, in one piece."""
    requests = [
        request(head=HEAD.replace(path, path + query) + b"X-Request-ID: %d\r\n" % number)
        for number, query in enumerate([b"", b"", b"?model=dnn", b"", b"?model=cnn"])
        for path in [b"predictions"]
    ]

    answers = service.ask(*requests)

    assert [document["request_id"] for _, _, document in answers] == list("01234")
    assert {status for status, _, _ in answers} == {200}
    assert service.short == 1  # others than this client have their turn, too


def test_a_body_in_pieces_takes_the_long_way(service: Service) -> None:
    """Wherever the pieces end."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[int]:
        sent, statuses = request(), []
        for cut in (1, 40, len(HEAD) + 30, len(sent) - 1):
            writer.write(sent[:cut])
            await writer.drain()
            await asyncio.sleep(0.02)
            writer.write(sent[cut:])
            statuses.append((await read(reader))[0])
        return statuses

    assert service.talk(talk) == [200] * 4
    assert service.short == 2  # those whose body came whole


def test_requests_of_one_turn_share_a_pass(service: Service) -> None:
    """From several connections; each has its own answer."""
    classifier = service.state.registry.default.classifier

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[Any]:
        address = writer.get_extra_info("peername")
        pairs = [await asyncio.open_connection(*address) for _ in range(5)]
        for _, one in pairs:
            one.write(request())
        answers = [await read(one) for one, _ in pairs]
        for _, one in pairs:
            one.close()
        return answers

    with patch.object(Classifier, "predict", autospec=True, side_effect=Classifier.predict) as ask:
        answers = service.talk(talk)

    assert [status for status, _, _ in answers] == [200] * 5
    assert service.short == 5
    assert ask.call_count < 5
    assert classifier is ask.call_args[0][0]


def test_who_waits_too_long_is_told_so(service: Service) -> None:
    """And counted; who comes when there is time again is answered."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[Any]:
        address = writer.get_extra_info("peername")
        pairs = [await asyncio.open_connection(*address) for _ in range(BLOCK + 8)]
        for _, one in pairs:
            one.write(request(head=HEAD + b"X-Request-ID: mine\r\n"))
        answers = [await read(one) for one, _ in pairs]
        pairs[-1][1].write(request())
        answers.append(await read(pairs[-1][0]))
        for _, one in pairs:
            one.close()
        return answers

    def predict(classifier: Classifier, images: Array) -> list[Prediction]:
        if len(images) == BLOCK:
            time.sleep(0.6)
        return plain(classifier, images)

    plain = Classifier.predict
    with patch.object(Classifier, "predict", autospec=True, side_effect=predict):
        answers = service.talk(talk)

    statuses = [status for status, _, _ in answers]
    assert statuses == [200] * BLOCK + [429] * 8 + [200]
    _, headers, document = answers[BLOCK]
    assert (headers["retry-after"], headers["x-request-id"]) == ("1", "mine")
    assert (document["status"], document["request_id"]) == (429, "mine")
    assert service.state.metrics.cells.mine[service.state.metrics._shed.column] == 8


def test_what_goes_wrong_with_one_is_felt_by_no_other(registry: Registry) -> None:
    """Before the pass or after it: those behind it in the queue have their answers."""
    service = Service(registry, wait_seconds=60)  # to print the errors takes some
    finished: list[int] = []

    async def talk(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        express = service.state.express
        for number in range(2 * BLOCK):

            def finish(answer: tuple[int, str, bytes] | None, number: int = number) -> None:
                if number in (1, 3):
                    raise OSError("the connection is no more")
                finished.append(200 if answer is None else answer[0])

            body = b"no picture" if number == 1 else PNG
            headers = [(b"content-type", b"image/png")]
            express.add(Short(body, headers, finish, gone=lambda: False))
        while express._waiting:
            await asyncio.sleep(0)

    service.talk(talk)

    assert finished == [200] * (2 * BLOCK - 2)
    assert service.state.metrics.cells.mine[service.state.metrics.in_flight.column] == 0


def test_who_asks_without_a_pause_gets_no_passes_of_others(service: Service) -> None:
    """Requests that come together on one connection do not make the queue move faster."""
    express = service.state.express
    passes: list[int] = []
    plain = Express._next

    def count(self: Express) -> None:
        passes.append(len(self._waiting))
        plain(self)

    with patch.object(Express, "_next", count):
        service.ask(*[request() for _ in range(20)])

    assert not express._scheduled
    assert len(passes) <= 21


def test_what_else_there_is_waits_for_one_pass(registry: Registry) -> None:
    """What the event loop has to do has its turn before the many that wait are answered."""
    service = Service(registry, wait_seconds=60)
    finished: list[bool] = []

    async def talk(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> list[int]:
        express, turns = service.state.express, []
        for _number in range(4 * BLOCK):
            headers = [(b"content-type", b"image/png")]
            express.add(Short(PNG, headers, lambda _: finished.append(True), gone=lambda: False))
        while len(finished) < 4 * BLOCK:
            turns.append(len(finished))
            await asyncio.sleep(0)
        return turns

    assert set(service.talk(talk)) == {0, BLOCK, 2 * BLOCK, 3 * BLOCK}


def test_who_asks_without_end_and_does_not_read_is_cut_off(service: Service) -> None:
    """Neither answers nor requests pile up without a limit."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        waiting = 0
        connections: set[Any] = service.server_state.connections
        while connections or not waiting:
            with suppress(ConnectionError, TimeoutError):
                writer.write(request() * 200)
                await asyncio.wait_for(writer.drain(), 0.5)
            for connection in connections:
                size = connection.transport.get_write_buffer_size()
                waiting = max(waiting, len(connection.pipeline), size)
        return waiting

    assert 0 < service.talk(talk) < 300_000


@pytest.mark.parametrize(
    ("sent", "status", "ends"),
    [
        (request(), 429, False),
        (request(head=HEAD.replace(b"POST", b"HEAD")), 405, False),
        (
            request(head=HEAD.replace(b"HTTP/1.1", b"HTTP/1.0") + b"Connection: keep-alive\r\n"),
            429,
            True,
        ),
        (request(bytes(300_000), head=HEAD + b"Connection: close\r\n"), 429, True),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 429, True),
    ],
    ids=["short", "HEAD", "1.0", "large", "broken"],
)
def test_who_is_turned_away_has_one_whole_answer(
    service: Service, sent: bytes, status: int, ends: bool
) -> None:
    """Nothing behind it but the next one's answer, or the end."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        with patch.object(Places, "hopeless", True):
            writer.write(sent)
            head = await reader.readuntil(b"\r\n\r\n")
            if b"HEAD" not in sent[:4]:
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                await reader.readexactly(length)
        if ends:
            return head, await reader.read()
        writer.write(request())
        return head, await read(reader)

    head, rest = service.talk(talk)

    assert int(head.split()[1]) == status
    assert rest == b"" if ends else rest[0] == 200


def test_an_idle_connection_is_not_ended_beside_its_next_request(registry: Registry) -> None:
    """The time between answers does not run while a request is under way."""
    service = Service(registry, idle_seconds=1)
    slow = request(head=HEAD.replace(b"predictions", b"predictions?model=dnn"))

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[int]:
        writer.write(request() + slow[:-10])
        first = await read(reader)
        await asyncio.sleep(1.5)
        writer.write(slow[-10:])
        return [first[0], (await read(reader))[0]]

    assert service.talk(talk) == [200, 200]


def test_a_long_header_behind_another_request_is_refused_as_such(service: Service) -> None:
    """In one piece with it: the first is answered, the second gets 431."""
    long = b"GET /v1/models HTTP/1.1\r\nX: %s\r\n\r\n" % (b"a" * 20_000)

    (first, *_), (second, *_) = service.ask(request(), long)

    assert (first, second) == (200, 431)


def test_what_the_model_cannot_answer_is_an_internal_error(service: Service) -> None:
    """Logged by the long way, and answered 500; the connection serves on."""
    with patch.object(Classifier, "predict", side_effect=ValueError("broken")):
        [(status, _, document)] = service.ask(request())
    [(again, _, _)] = service.ask(request())

    assert (status, again) == (500, 200)
    assert document["detail"].startswith("internal error")


def test_a_client_that_is_gone_spoils_nothing(service: Service) -> None:
    """The next one is answered."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(request())
        await writer.drain()
        writer.transport.abort()
        await asyncio.sleep(0.05)

    for _ in range(3):
        service.talk(talk)
    [(status, _, _)] = service.ask(request())

    assert status == 200


@pytest.mark.parametrize("asks", [True, False])
def test_the_last_answer_ends_the_connection(service: Service, asks: bool) -> None:
    """If the client asks for that, or the service is about to stop."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        if not asks:
            service.state.readiness.stop()
        writer.write(request(head=HEAD + b"Connection: close\r\n" * asks))
        answer = await read(reader)
        return answer, await reader.read()

    (status, headers, _), rest = service.talk(talk)

    assert (status, headers["connection"], rest) == (200, "close", b"")
    assert service.short == 1


def test_a_shutdown_waits_for_the_answer(service: Service) -> None:
    """Asked for between the request and its answer, in the same turn of the loop."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        add = service.state.express.add

        def add_and_shut_down(request: Short) -> None:
            add(request)
            for connection in service.server_state.connections:
                connection.shutdown()

        service.state.express.add = add_and_shut_down
        writer.write(request())
        answer = await read(reader)
        return answer, await reader.read()

    (status, headers, _), rest = service.talk(talk)

    assert (status, headers["connection"], rest) == (200, "close", b"")
