"""TCP address that the gRPC servers of all processes bind."""

import socket
from typing import Any


class ReservedAddress:
    """Address that a socket keeps for this service; ``target`` is its name for gRPC.

    Each process has a listening socket of its own with SO_REUSEPORT, and the system spreads the
    connections over them. The socket of this object does not listen.
    Raises: OSError if another process has the port, or for an unknown host; UnicodeError for a host
    that cannot be a name.
    """

    def __init__(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        address: tuple[Any, ...] = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)[0][4]
        with _bind(family, address, shared=False) as exclusive:
            number = int(exclusive.getsockname()[1])
        if hasattr(socket, "SO_REUSEPORT"):
            self._socket = _bind(family, (address[0], number, *address[2:]), shared=True)
        name = f"[{address[0]}]" if family == socket.AF_INET6 else address[0]
        self.target = f"{name}:{number}"

    def close(self) -> None:
        """Close the socket."""
        if hasattr(self, "_socket"):
            self._socket.close()


def _bind(family: socket.AddressFamily, address: tuple[Any, ...], *, shared: bool) -> socket.socket:
    """Return a bound socket; others can bind the same address only if it is ``shared``."""
    bound = socket.socket(family)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if address[0] == "::" and socket.has_dualstack_ipv6():
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
