"""uvicorn server with graceful shutdown: drain period, then stop without losing requests."""

import asyncio
import gc
import os
import signal
import socket
import sys
import time
from types import FrameType

import structlog
import uvicorn

from app.api.services import Services
from app.inference.weights_watcher import WeightsWatcher
from app.middleware.gateway import Gateway
from app.server.prefork import PreforkSupervisor
from app.server.protocol import SECURITY_HEADERS, Protocol
from app.settings import Settings

logger = structlog.get_logger("digitserve")

# Largest number of connections that wait to be accepted (listen backlog).
_BACKLOG = 2048

# Duplicates of the listening socket in a single process. In each iteration the event loop accepts
# one connection per socket (libuv, pull request 3696); with one socket and long iterations under
# load, clients wait for seconds to connect. With several processes each has one socket: with more,
# some connections stayed without a response after a process was killed.
_LISTENING_SOCKETS = 64


class DrainingServer(uvicorn.Server):
    """uvicorn server with a drain period: after SIGTERM it is not ready but still accepts requests.

    Load balancers need this period to notice. A second signal, or Ctrl-C, ends it at once; open
    requests are finished in any case. If the parent process dies, the server stops as after
    SIGTERM. Only one of several processes has a ``watcher``.
    """

    def __init__(
        self, config: uvicorn.Config, services: Services, watcher: WeightsWatcher | None
    ) -> None:
        super().__init__(config)
        self._watcher = watcher
        self._watcher_task: asyncio.Task[None] | None = None
        self._services = services
        self._drain_end: float | None = None
        self._stop_message: dict[str, str | float] | None = None
        self._parent = os.getppid()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start serving, and start the watcher of the weights files."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # a full collection would stop requests for 30 ms, mostly over imported modules
        if self._watcher:
            self._watcher_task = asyncio.create_task(self._watcher.run())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop the watcher and the server."""
        if self._watcher_task:
            self._watcher_task.cancel()
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            if isinstance(connection, Protocol):  # still open after the grace period
                connection.refuse_incomplete()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Handle a stop signal: clear the readiness and start or end the drain period."""
        self._services.readiness.stop()
        patient = sig == signal.SIGTERM and self._drain_end is None
        drain = self._services.settings.drain_seconds if patient else 0.0
        self._drain_end = time.monotonic() + drain
        # Logged in on_tick: the interrupted code may hold the lock of the log.
        self._stop_message = {"signal": signal.Signals(sig).name, "drain_seconds": drain}

    async def on_tick(self, counter: int) -> bool:
        """Return whether to stop; uvicorn calls it ten times a second."""
        if self._drain_end is None and os.getppid() != self._parent:
            self.handle_exit(signal.SIGTERM, None)
        if self._stop_message is not None:
            logger.info("stopping", **self._stop_message)
            self._stop_message = None
        if self._drain_end is not None and time.monotonic() >= self._drain_end:
            self.should_exit = True
        return await super().on_tick(counter)


def serve(app: Gateway, settings: Settings) -> int:
    """Serve in one or several processes until a signal stops them; return the exit code."""
    try:
        listener = _listen(settings.host, settings.port)
    except OSError as error:
        logger.error("cannot listen", host=settings.host, port=settings.port, error=str(error))
        return 1
    if settings.workers == 1:
        _serve(app, settings, 0, listener)
        return 0

    def serve_worker(worker: int) -> None:
        _serve(app, settings, worker, listener)
        sys.exit()

    return PreforkSupervisor(settings.workers, serve_worker, listener=listener).run()


def _serve(app: Gateway, settings: Settings, worker: int, listener: socket.socket) -> None:
    services: Services = app.services
    services.telemetry.start(worker)
    count = _LISTENING_SOCKETS if settings.workers == 1 else 1
    listeners = [listener, *(listener.dup() for _ in range(count - 1))]
    watcher = WeightsWatcher(services.registry, settings.weights_dir) if worker == 0 else None
    try:
        DrainingServer(server_config(app, settings), services, watcher).run(listeners)
    finally:
        services.telemetry.stop()


def _listen(host: str, port: int) -> socket.socket:
    """Create the listening socket of all processes, and log its address as uvicorn does."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    name = f"[{host}]" if ":" in host else host
    url = f"http://{name}:{listener.getsockname()[1]}"
    logger.info(f"Uvicorn running on {url} (Press CTRL+C to quit)")
    return listener


def server_config(app: Gateway, settings: Settings) -> uvicorn.Config:
    """Create uvicorn's configuration for an application."""
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
