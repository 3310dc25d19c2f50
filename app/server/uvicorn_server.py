"""uvicorn, with an end that loses no request."""

import asyncio
import os
import signal
import socket
import sys
import time
from types import FrameType

import structlog
import uvicorn

from app.api.services import Services
from app.inference.weights_watch import WeightsWatch
from app.middleware.gateway import Gateway
from app.server.prefork import PreforkSupervisor
from app.server.protocol import SECURITY_HEADERS, Protocol
from app.settings import Settings

logger = structlog.get_logger("digitserve")

# Connections that wait to be accepted.
_BACKLOG = 2048

# The event loop accepts one connection at a turn from each listening socket (libuv, pull request
# 3696), and a turn is long when many requests are there: clients would wait for seconds to connect.
# Several processes take one each: with more, a client now and then was never answered after one of
# the processes was killed.
_ACCEPTORS = 64


class Server(uvicorn.Server):
    """On SIGTERM first says that it is not ready, goes on for a while, then stops.

    Whoever spreads requests over several servers needs that while to notice. A second signal, or
    Ctrl-C, ends the while at once; requests under way are finished in any case. A process whose
    parent has died stops as on SIGTERM. One of several processes has a ``watch``.
    """

    def __init__(
        self, config: uvicorn.Config, services: Services, watch: WeightsWatch | None
    ) -> None:
        super().__init__(config)
        self._watch = watch
        self._watching: asyncio.Task[None] | None = None
        self._services = services
        self._stop_at: float | None = None
        self._news: dict[str, str | float] | None = None
        self._parent = os.getppid()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, and to look after the weights files."""
        await super().startup(sockets)
        if self._watch:
            self._watching = asyncio.create_task(self._watch.run())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End both."""
        if self._watching:
            self._watching.cancel()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Take notice of a signal that asks the process to end."""
        self._services.readiness.stop()
        patient = sig == signal.SIGTERM and self._stop_at is None
        drain = self._services.settings.drain_seconds if patient else 0.0
        self._stop_at = time.monotonic() + drain
        # Not logged here: what a signal interrupts may be just writing to the log, behind a lock.
        self._news = {"signal": signal.Signals(sig).name, "drain_seconds": drain}

    async def on_tick(self, counter: int) -> bool:
        """Return whether to stop; uvicorn asks ten times a second."""
        if self._stop_at is None and os.getppid() != self._parent:
            self.handle_exit(signal.SIGTERM, None)
        if self._news is not None:
            logger.info("stopping", **self._news)
            self._news = None
        if self._stop_at is not None and time.monotonic() >= self._stop_at:
            self.should_exit = True
        return await super().on_tick(counter)


def serve(app: Gateway, settings: Settings) -> int:
    """Serve until a signal ends it, in one process or several; return the exit code."""
    try:
        listener = _listen(settings.host, settings.port)
    except OSError as error:
        logger.error("cannot listen", host=settings.host, port=settings.port, error=str(error))
        return 1
    if settings.workers == 1:
        _serve(app, settings, 0, listener)
        return 0

    def work(worker: int) -> None:
        _serve(app, settings, worker, listener)
        sys.exit()

    return PreforkSupervisor(settings.workers, work, listener=listener).run()


def _serve(app: Gateway, settings: Settings, worker: int, listener: socket.socket) -> None:
    services: Services = app.services
    services.telemetry.start(worker)
    acceptors = _ACCEPTORS if settings.workers == 1 else 1
    listeners = [listener, *(listener.dup() for _ in range(acceptors - 1))]
    watch = WeightsWatch(services.registry, settings.weights_dir) if worker == 0 else None
    try:
        Server(server_config(app, settings), services, watch).run(listeners)
    finally:
        services.telemetry.stop()


def _listen(host: str, port: int) -> socket.socket:
    """Return the socket that all processes accept from; it says where, as uvicorn does."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    name = f"[{host}]" if ":" in host else host
    url = f"http://{name}:{listener.getsockname()[1]}"
    logger.info(f"Uvicorn running on {url} (Press CTRL+C to quit)")
    return listener


def server_config(app: Gateway, settings: Settings) -> uvicorn.Config:
    """Return uvicorn's configuration for an application."""
    return uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        host=settings.host,
        port=settings.port,
        backlog=_BACKLOG,
        log_config=None,
        access_log=False,
        server_header=False,
        headers=SECURITY_HEADERS,
        timeout_keep_alive=settings.idle_seconds,
        timeout_graceful_shutdown=settings.grace_seconds,
        lifespan="on",
    )
