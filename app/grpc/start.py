"""Start of gRPC: whether it is on, and its libraries, which are imported only then."""

import os
from typing import TYPE_CHECKING

import structlog

from app.grpc.address import ReservedAddress
from app.inference.decoder.environment import GRPC_VARIABLES
from app.middleware.gateway import Gateway
from app.setting_variables import variable
from app.settings import Settings

if TYPE_CHECKING:
    from app.grpc.server import GrpcServer

logger = structlog.get_logger("digitserve")


class GrpcError(Exception):
    """gRPC is switched on, and cannot start; the message says in one line why."""


def check_grpc(settings: Settings) -> None:
    """Import the libraries of gRPC if it is on.

    Called before worker processes are forked, so that they share the memory of the code.
    Raises: GrpcError if the extra is not installed.
    """
    if settings.grpc_port is None:
        return
    os.environ.update(GRPC_VARIABLES)
    try:
        import app.grpc.server  # noqa: F401
    except ImportError as error:
        raise GrpcError(
            f"{variable('grpc_port')}: expected the extra grpc (pip install '.[grpc]'), got no "
            f"{error.name}"
        ) from error


def open_grpc(settings: Settings) -> ReservedAddress | None:
    """Reserve the address of the servers of all processes, and log it; None if gRPC is off.

    Raises: OSError.
    """
    if settings.grpc_port is None:
        return None
    try:
        address = ReservedAddress(settings.host, settings.grpc_port)
    except (OSError, UnicodeError) as error:
        raise OSError(f"port {settings.grpc_port} of gRPC: {error}") from error
    logger.info("gRPC running", address=address.target)
    return address


def create_grpc_server(app: Gateway, address: ReservedAddress | None) -> "GrpcServer | None":
    """Create the server of a process; None without an address."""
    if address is None:
        return None
    from app.grpc.server import GrpcServer

    return GrpcServer(app, address.target)
