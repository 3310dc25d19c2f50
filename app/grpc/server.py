"""gRPC server of a process, in the event loop of its HTTP server."""

import asyncio
from typing import Any

import grpc.aio

from app.grpc.handler import CallHandler
from app.middleware.gateway import Gateway
from app.settings import Settings

# Bytes of a message that gRPC receives before it is read: a window of HTTP/2.
_WINDOW_BYTES = 65_536

# How much later gRPC cancels calls itself, after the handler has: they have told the client why.
_CANCEL_SECONDS = 0.2


class GrpcServer:
    """gRPC server for an address (``host:port``), which other processes may share."""

    def __init__(self, gateway: Gateway, target: str) -> None:
        self._gateway = gateway
        self._target = target

    async def start(self) -> None:
        """Start serving in the running event loop.

        Raises: RuntimeError if the address cannot be bound.
        """
        settings = self._gateway.services.settings
        self._handler = CallHandler(self._gateway)
        self._server = grpc.aio.server(
            options=_options(settings),
            maximum_concurrent_rpcs=max(1, settings.max_total_body_bytes // _WINDOW_BYTES),
        )
        self._server.add_generic_rpc_handlers((self._handler,))
        self._server.add_insecure_port(self._target)
        await self._server.start()

    async def stop(self, grace_seconds: float) -> None:
        """Graceful shutdown: refuse new calls, wait for open ones, cancel the rest at the end."""
        loop = asyncio.get_running_loop()
        timer = loop.call_later(grace_seconds, self._handler.cancel_all)
        await self._server.stop(grace_seconds + _CANCEL_SECONDS)
        timer.cancel()


def _options(settings: Settings) -> list[tuple[str, Any]]:
    """Return gRPC's channel arguments. Source: gRPC core, ``channel_arg_names.h``."""
    return [
        ("grpc.so_reuseport", 1),
        ("grpc.max_receive_message_length", settings.max_body_bytes),
        ("grpc.max_send_message_length", -1),
        ("grpc.max_metadata_size", settings.max_header_bytes),
        ("grpc.absolute_max_metadata_size", settings.max_header_bytes),
        ("grpc.max_connection_idle_ms", 1000 * settings.idle_seconds),
    ]
