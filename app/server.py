"""uvicorn, with an end that loses no request."""

import signal
import time
from types import FrameType

import uvicorn
from fastapi import FastAPI

from app.protocol import Protocol
from app.readiness import Readiness
from app.settings import Settings


class Server(uvicorn.Server):
    """On SIGTERM first says that it is not ready, goes on for a while, then stops.

    Whoever spreads requests over several servers needs that while to notice. A second signal, or
    Ctrl-C, ends the while at once; requests under way are finished in any case.
    """

    def __init__(self, config: uvicorn.Config, readiness: Readiness, drain_seconds: float) -> None:
        super().__init__(config)
        self._readiness = readiness
        self._drain_seconds = drain_seconds
        self._stop_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Take notice of a signal that asks the process to end."""
        self._readiness.stop()
        patient = sig == signal.SIGTERM and self._stop_at is None
        self._stop_at = time.monotonic() + (self._drain_seconds if patient else 0)

    async def on_tick(self, counter: int) -> bool:
        """Return whether to stop; uvicorn asks ten times a second."""
        if self._stop_at is not None and time.monotonic() >= self._stop_at:
            self.should_exit = True
        return await super().on_tick(counter)


def make_server(app: FastAPI, settings: Settings, readiness: Readiness) -> Server:
    """Return the server for an application."""
    config = uvicorn.Config(
        app,
        http=Protocol,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.grace_seconds,
        lifespan="on",
    )
    return Server(config, readiness, settings.drain_seconds)
