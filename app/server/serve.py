"""Start of the server: opens the ports, and serves in one or several processes."""

import os
import signal
import socket
from functools import partial

import structlog
from uvicorn.config import Config

from app.api.services import Services
from app.grpc.address import ReservedAddress
from app.grpc.start import create_grpc_server, open_grpc
from app.inference.malloc import trim_memory
from app.middleware.gateway import Gateway
from app.server.listener import log_address, open_listener
from app.server.parent_state import ParentState
from app.server.prefork import PreforkSupervisor
from app.server.process_end import end_process
from app.server.stop_deadline import end_seconds
from app.server.stop_signals import stop_signals
from app.server.terminal import Terminal
from app.server.uvicorn_server import DrainingServer, load_before_fork, server_config
from app.settings import Settings

logger = structlog.get_logger("digitserve")


def serve(app: Gateway, settings: Settings) -> int:
    """Serve in one or several processes until a signal stops them; return the exit code."""
    if settings.workers > 1 and not hasattr(os, "fork"):
        problem = "DIGITS_WORKERS: expected 1 on this system, which has no os.fork"
        logger.error("cannot start workers", problem=problem)
        return 1
    try:
        listener = open_listener(settings.host, settings.port)
        grpc_address = open_grpc(settings)
    except (OSError, UnicodeError) as error:
        logger.error("cannot listen", host=settings.host, port=settings.port, error=str(error))
        return 1
    config = server_config(app, settings)
    if settings.workers == 1:
        _serve(app, config, 0, listener, None, grpc_address)
        return 0

    load_before_fork(config)
    repository = app.services.repository
    repository.follower.become(None)

    def serve_worker(worker: int, parent: ParentState) -> None:
        _serve(app, config, worker, listener, parent, grpc_address)
        end_process(0)

    return PreforkSupervisor(
        settings.workers,
        serve_worker,
        listener=listener,
        drain_seconds=settings.drain_seconds,
        end_seconds=end_seconds(settings),
        announce=partial(log_address, settings.host, listener),
        reload=repository.shared.request_reload,
        prepare=repository.follower.follow,
    ).run()


def _serve(
    app: Gateway,
    config: Config,
    worker: int,
    listener: socket.socket,
    parent: ParentState | None,
    grpc_address: ReservedAddress | None,
) -> None:
    services: Services = app.services
    services.telemetry.start(worker)
    services.repository.follower.become(worker)
    app.body_limit.on_drained = trim_memory
    services.repository.follower.on_switch = partial(_switched, parent)
    server = DrainingServer(
        config,
        services,
        listener,
        terminal=Terminal(),
        parent=parent,
        grpc=create_grpc_server(app, grpc_address),
    )
    for number in stop_signals():  # uvicorn replaces the handlers of SIGTERM and SIGINT
        signal.signal(number, server.handle_exit)
    if parent is None:
        log_address(services.settings.host, listener)
    try:
        server.run()
    finally:
        services.telemetry.stop()
        server.end()


def _switched(parent: ParentState | None) -> None:
    """Give the memory of versions that are no longer served back; wake the parent to follow."""
    trim_memory()
    if parent is not None:
        parent.wake()
