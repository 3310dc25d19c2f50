"""What happens to a call: limits, failures, cancellation, accounting."""

import asyncio
from typing import Any

import pytest

from app.grpc.server import GrpcServer
from app.inference.registry import Registry
from tests.support.grpc_servers import (
    METHOD,
    InProcessGrpc,
    endless_messages,
    error_of,
    infer_request,
    send_infer,
)

INFER = METHOD.format("ModelInfer")


def open_call(channel: Any) -> Any:
    """Begin a call whose message never comes."""
    return channel.stream_unary(INFER)(endless_messages())


async def until(condition: Any) -> None:
    """Wait until a condition holds."""
    while not condition():
        await asyncio.sleep(0.01)


def test_a_busy_service_is_exhausted(registry: Registry) -> None:
    """Without a slot the code is RESOURCE_EXHAUSTED; the call is counted as shed."""
    server = InProcessGrpc(registry, max_concurrent=1, wait_seconds=0.01)
    assert server.services.predictions.admission.try_acquire()

    code, details = server.fail(infer_request())

    assert (code, "at most 1 requests at once" in details) == ("RESOURCE_EXHAUSTED", True)
    assert server.count(429) == 1


def test_a_saturated_service_refuses_before_the_message(registry: Registry) -> None:
    """The call is refused though its message never comes."""
    server = InProcessGrpc(registry, max_concurrent=1, wait_seconds=1)
    admission = server.services.predictions.admission
    assert admission.try_acquire()

    async def talk(channel: Any, _: GrpcServer) -> tuple[str, str]:
        waiting = asyncio.create_task(error_of(send_infer(channel, infer_request())))
        await until(lambda: admission.is_saturated)
        refused = await error_of(open_call(channel))
        await waiting
        return refused

    assert server.talk(talk)[0] == "RESOURCE_EXHAUSTED"


def test_an_unexpected_exception_is_internal(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code is INTERNAL, without details of the exception; the call is counted as 500."""
    server = InProcessGrpc(registry)

    async def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(server.services.predictions, "predict_tensor", fail)

    assert server.fail(infer_request()) == (
        "INTERNAL",
        "internal error, logged under the request id",
    )
    assert server.count(500) == 1


def test_no_memory_is_unavailable(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """As over HTTP, the client may try again."""
    server = InProcessGrpc(registry)

    async def fail(*_: Any, **__: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(server.services.predictions, "predict_tensor", fail)
    code, details = server.fail(infer_request())

    assert (code, "expected free memory" in details) == ("UNAVAILABLE", True)


def test_a_slow_message_ends_the_call(registry: Registry) -> None:
    """A message that does not come in time: DEADLINE_EXCEEDED."""
    server = InProcessGrpc(registry, receive_seconds=0.1)

    async def talk(channel: Any, _: GrpcServer) -> tuple[str, str]:
        return await error_of(open_call(channel))

    code, details = server.talk(talk)
    assert (code, "expected it in time" in details) == ("DEADLINE_EXCEEDED", True)
    assert server.count(408) == 1


def test_few_messages_are_received_at_once(registry: Registry) -> None:
    """While others arrive that may take all the memory for bodies, the next call waits."""
    limits = {"max_body_bytes": 200_000, "max_total_body_bytes": 400_000, "wait_seconds": 0.1}
    server = InProcessGrpc(registry, **limits)

    async def talk(channel: Any, _: GrpcServer) -> list[tuple[str, str]]:
        first, second = open_call(channel), open_call(channel)
        await until(lambda: server.in_flight == 2)
        refused = await error_of(send_infer(channel, infer_request()))
        first.cancel()
        answered = await error_of(send_infer(channel, infer_request()))
        second.cancel()
        return [refused, answered]

    refused, answered = server.talk(talk)
    assert refused[0] == "RESOURCE_EXHAUSTED"
    assert answered[0] == "OK"


def test_messages_count_as_bodies(registry: Registry) -> None:
    """A message is refused if the bodies of HTTP have taken the memory; it is released later."""
    server = InProcessGrpc(registry)
    limit = server.gateway.body_limit
    limit.take(limit.max_total_bytes)

    code, details = server.fail(infer_request())

    assert (code, "bytes of request bodies at once" in details) == ("RESOURCE_EXHAUSTED", True)
    assert limit.total_bytes == limit.max_total_bytes


def blocked(server: InProcessGrpc, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Make predictions wait for an event; return it."""
    event = asyncio.Event()
    predict = server.services.predictions.predict_tensor

    async def wait(*arguments: Any, **options: Any) -> Any:
        await event.wait()
        return await predict(*arguments, **options)

    monkeypatch.setattr(server.services.predictions, "predict_tensor", wait)
    return event


def test_a_cancelled_call_is_counted_when_it_ends(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The work goes on until the service sees that nobody waits; then it counts as 499."""
    server = InProcessGrpc(registry)
    event = blocked(server, monkeypatch)

    async def talk(channel: Any, _: GrpcServer) -> None:
        call = send_infer(channel, infer_request())
        await until(lambda: server.gateway.body_limit.total_bytes > 0)
        call.cancel()
        await asyncio.sleep(0.1)
        event.set()
        await until(lambda: server.count(499) == 1)

    server.talk(talk)
    assert server.gateway.body_limit.total_bytes == 0


def test_open_calls_finish_within_the_grace_period(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopping server refuses new calls with UNAVAILABLE, and answers open ones."""
    server = InProcessGrpc(registry)
    event = blocked(server, monkeypatch)

    async def talk(channel: Any, running: GrpcServer) -> tuple[str, str]:
        call = send_infer(channel, infer_request())
        await until(lambda: server.gateway.body_limit.total_bytes > 0)
        stopping = asyncio.create_task(running.stop(10))
        await asyncio.sleep(0.1)
        refused, _ = await error_of(send_infer(channel, infer_request()))
        event.set()
        answered, _ = await error_of(call)
        await stopping
        return refused, answered

    assert server.talk(talk) == ("UNAVAILABLE", "OK")


def test_open_calls_are_told_at_the_end_of_the_grace_period(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that takes longer ends with UNAVAILABLE, and is counted as 503."""
    server = InProcessGrpc(registry)
    blocked(server, monkeypatch)

    async def talk(channel: Any, running: GrpcServer) -> tuple[str, str]:
        call = send_infer(channel, infer_request())
        await until(lambda: server.gateway.body_limit.total_bytes > 0)
        await running.stop(0.1)
        return await error_of(call)

    code, details = server.talk(talk)
    assert (code, "before the shutdown" in details) == ("UNAVAILABLE", True)
    assert server.count(503) == 1


def test_a_repeated_request_id_is_that_of_the_metadata(registry: Registry) -> None:
    """The id of the metadata, else that of the message if it is valid, else a new one."""
    server = InProcessGrpc(registry)

    async def talk(channel: Any, _: GrpcServer) -> list[str]:
        ids = []
        for metadata, own in ((("x-request-id", "given"),), "own"), ((), "own"), ((), "not valid!"):
            call = send_infer(channel, infer_request(id=own), metadata=metadata)
            response = await call
            assert response.id == own
            trailing = dict(await call.trailing_metadata())
            assert trailing["x-request-id"] == response.parameters["request_id"].string_param
            ids.append(trailing["x-request-id"])
        return ids

    given, own, new = server.talk(talk)
    assert (given, own, len(new)) == ("given", "own", 32)


def test_an_unknown_method_is_unimplemented(registry: Registry) -> None:
    """The details name the methods that the service has; it is counted under another route."""
    server = InProcessGrpc(registry)

    async def talk(channel: Any, _: GrpcServer) -> tuple[str, str]:
        return await error_of(channel.unary_unary(METHOD.format("RepositoryIndex"))(b""))

    code, details = server.talk(talk)
    assert (code, "expected one of ServerLive" in details) == ("UNIMPLEMENTED", True)


@pytest.mark.parametrize("message", [b"\x0a", b"\xff" * 20, b"\x0f", b"text"])
def test_bytes_that_are_no_message_are_invalid(registry: Registry, message: bytes) -> None:
    """The code is INVALID_ARGUMENT, for every method with a message."""
    server = InProcessGrpc(registry)

    async def talk(channel: Any, _: GrpcServer) -> set[str]:
        methods = ("ModelInfer", "ModelReady", "ModelMetadata")
        calls = [channel.unary_unary(METHOD.format(name))(message) for name in methods]
        return {(await error_of(call))[0] for call in calls}

    assert server.talk(talk) == {"INVALID_ARGUMENT"}


def test_a_service_that_stops_is_not_ready(registry: Registry) -> None:
    """ServerReady and ModelReady answer false; ServerLive answers true."""
    server = InProcessGrpc(registry)
    server.services.readiness.ready = False

    async def talk(channel: Any, _: GrpcServer) -> list[bytes]:
        named = b"\x0a\x03cnn"
        calls = (("ServerLive", b""), ("ServerReady", b""), ("ModelReady", named))
        return [await channel.unary_unary(METHOD.format(name))(data) for name, data in calls]

    assert server.talk(talk) == [b"\x08\x01", b"", b""]
