"""gRPC servers: of the service as a subprocess, and in the test process; calls to both."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import grpc.aio

from app.grpc.address import ReservedAddress
from app.grpc.messages import Message, ModelInferRequest, ModelInferResponse
from app.grpc.server import GrpcServer
from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.main import create_app
from app.settings import Settings
from tests.support.processes import wait_until
from tests.support.servers import Server, serve
from tests.support.tensors import image_tensor, serialise

METHOD = "/inference.GRPCInferenceService/{}"
_RUNNING = re.compile(r'"address":"(\S+?:\d+)","event":"gRPC running"')

# Time limit of a conversation.
LIMIT_SECONDS = 20


def grpc_address(server: Server) -> str:
    """Wait until a server listens for gRPC; return its address."""
    wait_until(lambda: _RUNNING.search("".join(server.log)) is not None)
    host, port = str(_RUNNING.findall("".join(server.log))[0]).rsplit(":", 1)
    wait_until(lambda: listens(host.strip("[]"), int(port)))
    return f"{host}:{port}"


def listens(host: str, port: int) -> bool:
    """Return whether an address accepts connections."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as connection:
        return connection.connect_ex((host, port)) == 0


@contextmanager
def serve_grpc(**environment: str) -> Iterator[tuple[Server, str]]:
    """Run a server with gRPC on a free port; yield it and its address for gRPC."""
    with serve(**{"DIGITS_GRPC_PORT": "0"} | environment) as server:
        yield server, grpc_address(server)


def infer_request(**fields: Any) -> Message:
    """Return a request for the drawn two with raw contents; ``fields`` replace its own."""
    tensor = image_tensor()
    one = {"name": tensor.name, "datatype": tensor.datatype, "shape": tensor.shape}
    plain = {"model_name": "cnn", "inputs": [one], "raw_input_contents": [serialise(tensor)]}
    return ModelInferRequest(**plain | fields)


def send_infer(channel: Any, request: Message, **options: Any) -> Message:
    """Send a request over a channel of either kind; return its response, or its future."""
    method = channel.unary_unary(
        METHOD.format("ModelInfer"),
        request_serializer=ModelInferRequest.SerializeToString,
        response_deserializer=ModelInferResponse.FromString,
    )
    return method(request, **options)


class InProcessGrpc:
    """gRPC server that runs during a conversation; ``gateway`` is its application."""

    def __init__(self, registry: Registry, **settings: Any) -> None:
        self.settings = Settings(grpc_port=0, **settings)
        readiness = Readiness()
        readiness.ready = True
        self.gateway = create_app(self.settings, registry, readiness)
        self.services = self.gateway.services

    def talk(self, talk: Callable[[Any, GrpcServer], Awaitable[Any]]) -> Any:
        """Run a conversation over one channel, and return its result."""
        return asyncio.run(self._talk(talk))

    def fail(self, request: Message) -> tuple[str, str]:
        """Send a request; return status code and details of its error."""

        async def talk(channel: Any, _: GrpcServer) -> tuple[str, str]:
            return await error_of(send_infer(channel, request))

        code, details = self.talk(talk)
        return code, details

    def count(self, status: int, method: str = "ModelInfer") -> int:
        """Return how many calls have been counted with a status."""
        metrics = self.services.telemetry.metrics
        child = metrics._by_route[METHOD.format(method), status]
        return child.totals(metrics.shared.table().sum(axis=0))[0]

    @property
    def in_flight(self) -> int:
        """Return how many calls have begun and not ended."""
        metrics = self.services.telemetry.metrics
        return int(metrics.shared.table().sum(axis=0)[metrics.in_flight.column])

    async def _talk(self, talk: Callable[[Any, GrpcServer], Awaitable[Any]]) -> Any:
        address = ReservedAddress("127.0.0.1", 0)
        server = GrpcServer(self.gateway, address.target)
        await server.start()
        try:
            async with grpc.aio.insecure_channel(address.target) as channel:
                return await asyncio.wait_for(talk(channel, server), LIMIT_SECONDS)
        finally:
            await server.stop(0)
            address.close()
            self.services.predictions.stop()


async def error_of(call: Any) -> tuple[str, str]:
    """Return status code and details of a call that fails."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return error.code().name, str(error.details())
    return "OK", ""


async def endless_messages() -> AsyncIterator[bytes]:
    """Send no message, and do not end."""
    await asyncio.Event().wait()
    yield b""
