"""uvicorn server with graceful shutdown: drain period, then stop without losing requests."""

import asyncio
import signal
import socket
import sys
import time
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING

import structlog
from uvicorn.config import Config
from uvicorn.server import Server

from app.api.services import Services
from app.middleware.gateway import Gateway
from app.server.acceptor import Acceptor
from app.server.garbage import freeze_memory
from app.server.http.protocol import Protocol
from app.server.model_updates import ModelUpdates
from app.server.parent_state import ParentState
from app.server.stop_deadline import StopDeadline, end_seconds
from app.server.stop_signals import StopRequests
from app.server.terminal import Terminal, is_hangup
from app.settings import Settings

if TYPE_CHECKING:
    from app.grpc.server import GrpcServer

logger = structlog.get_logger("digitserve")

# Connections that a single process accepts for one event of the event loop: with one, clients would
# wait for seconds to connect while the iterations of the loop are long.
_ACCEPTED_AT_ONCE = 64

# On every response: no content sniffing, no frames on other sites.
SECURITY_HEADERS = [("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY")]


class DrainingServer(Server):
    """uvicorn server with a drain period: after SIGTERM it is not ready but still accepts requests.

    Load balancers need this period to notice. A second signal, or Ctrl-C, ends it at once; open
    requests are finished in any case. A worker process stops with its ``parent``, also if that
    dies. SIGHUP reloads the models unless the ``terminal`` was closed.
    """

    def __init__(
        self,
        config: Config,
        services: Services,
        listener: socket.socket,
        *,
        terminal: Terminal,
        parent: ParentState | None,
        grpc: "GrpcServer | None" = None,
    ) -> None:
        super().__init__(config)
        self._grpc = grpc
        self._listener = listener
        self._terminal = terminal
        self._updates = ModelUpdates(services.repository)
        self._services = services
        self._parent = parent
        self._requests = StopRequests()
        self._deadline = StopDeadline()
        self._drain_end: float | None = None
        self._stop_message: dict[str, str | float] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        """Start serving."""
        await super().startup([])
        if self._drain_end is not None:  # a signal came during the start
            self._services.readiness.ready = False
        if self._grpc is not None:  # before HTTP, whose readiness probe answers for both
            await self._grpc.start()
        at_once = _ACCEPTED_AT_ONCE if self._parent is None else 1
        self._acceptor = Acceptor(self._listener, self._create_protocol, at_once=at_once)
        self._acceptor.start()
        freeze_memory()

    def _create_protocol(self) -> asyncio.BaseProtocol:
        """Create the protocol of a connection, as uvicorn does for its own listening sockets."""
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        """Stop the server."""
        parent = self._parent
        whole_service = parent is None or bool(parent.stop_signal) or parent.has_died
        await asyncio.gather(self._acceptor.stop(whole_service=whole_service), self._stop_grpc())
        self.config.timeout_graceful_shutdown = self._grace_left()  # type: ignore[assignment]
        await super().shutdown([])
        for connection in list(self.server_state.connections):
            if isinstance(connection, Protocol):  # still open after the grace period
                connection.refuse_incomplete()

    async def _stop_grpc(self) -> None:
        """Stop the gRPC server, before the objects that its calls use."""
        if self._grpc is not None:
            await self._grpc.stop(self._grace_left())

    def _grace_left(self) -> float:
        """Return what is left of the grace period, in seconds."""
        late = time.monotonic() - (self._drain_end or 0.0)
        return max(0.0, self._services.settings.grace_seconds - late)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Handle a stop signal: clear the readiness and start or end the drain period.

        SIGHUP asks for a reload of the models.

        A worker does not count signals: it follows its parent, and only SIGTERM stops it alone.
        """
        if is_hangup(sig) and not self._terminal.is_closed_by(sig):
            self._services.repository.shared.request_reload()
        elif self._parent is None:
            self._stop(sig, skips_drain=self._requests.skips_drain(sig))
        elif self._parent.stop_signal:
            self._follow(self._parent)
        elif sig == signal.SIGTERM and self._drain_end is None:
            self._stop(sig, skips_drain=False)

    def _follow(self, parent: ParentState) -> None:
        """Do what the parent has told all workers; if it has died, stop as after SIGTERM."""
        if parent.skips_drain and (self._drain_end is None or self._drain_end > time.monotonic()):
            self._stop(parent.stop_signal, skips_drain=True)
        elif self._drain_end is None and (parent.stop_signal or parent.has_died):
            self._stop(parent.stop_signal or signal.SIGTERM, skips_drain=False)

    def _stop(self, signal_number: int, *, skips_drain: bool) -> None:
        self._services.readiness.ready = False
        settings = self._services.settings
        drain = 0.0 if skips_drain else settings.drain_seconds
        drain_end = time.monotonic() + drain
        self._drain_end = min(drain_end, drain_end if self._drain_end is None else self._drain_end)
        self._deadline.bring_forward(drain + end_seconds(settings))
        # Logged in on_tick: the interrupted code may hold the lock of the log.
        name = signal.Signals(signal_number).name
        self._stop_message = {"signal": name, "drain_seconds": drain}

    async def on_tick(self, counter: int) -> bool:
        """Return whether to stop; uvicorn calls it ten times a second."""
        if self._parent is not None:
            self._follow(self._parent)
        self._updates.tick()
        if self._stop_message is not None:
            logger.info("stopping", **self._stop_message)
            self._stop_message = None
            self._deadline.start_thread()
        if self._drain_end is not None and time.monotonic() >= self._drain_end:
            self.should_exit = True
        return await super().on_tick(counter)

    def end(self) -> None:
        """Cancel the deadline for the end of the event loop, which has ended."""
        self._deadline.cancel()


def server_config(app: Gateway, settings: Settings) -> Config:
    """Create uvicorn's configuration for an application."""
    return Config(
        app,
        http=Protocol,
        ws="none",
        host=settings.host,
        port=settings.port,
        loop="asyncio:SelectorEventLoop" if sys.platform == "win32" else "auto",
        log_config=None,
        access_log=False,
        server_header=False,
        headers=SECURITY_HEADERS,
        timeout_keep_alive=settings.idle_seconds,
        timeout_graceful_shutdown=settings.grace_seconds,
        lifespan="on",
    )


def load_before_fork(config: Config) -> None:
    """Import what uvicorn and anyio import at the first use, so that workers share its memory."""
    config.load()
    config.get_loop_factory()
    import_module("anyio._backends._asyncio")
