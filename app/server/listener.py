"""Listening socket of all worker processes: creation, and refusal of new connections at the end."""

import ctypes
import socket
import struct
import sys
from contextlib import suppress

import structlog

logger = structlog.get_logger("digitserve")

# Largest number of connections that wait to be accepted (listen backlog).
_BACKLOG = 2048

# Linux's socket option for a packet filter, from asm-generic/socket.h.
_SO_ATTACH_FILTER = 26

# Classic BPF program for a TCP socket: drops the packets that have SYN but not ACK. Each
# instruction has operation code, jumps if true and if false, and a constant.
# Source: Linux kernel documentation, "Linux Socket Filtering aka Berkeley Packet Filter (BPF)".
_DROP_SYN = (
    (0x30, 0, 0, 13),  # load the byte with the flags of the TCP header (RFC 9293, section 3.1)
    (0x54, 0, 0, 0x12),  # keep SYN and ACK
    (0x15, 1, 0, 0x02),  # jump to the last instruction if only SYN is set
    (0x06, 0, 0, 0xFFFFFFFF),  # accept the packet
    (0x06, 0, 0, 0),  # drop the packet
)


def open_listener(host: str, port: int) -> socket.socket:
    """Create the listening socket of all processes.

    The address ``::`` is for IPv6 and IPv4, where the system can do that with one socket.
    Raises: OSError, or UnicodeError for a host that cannot be a name.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The resolved address has the number of the network interface, as in fe80::1%eth0.
    address = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)[0][4]
    both = host == "::" and socket.has_dualstack_ipv6()
    return socket.create_server(address, family=family, backlog=_BACKLOG, dualstack_ipv6=both)


def log_address(host: str, listener: socket.socket) -> None:
    """Log the address as uvicorn does; from then on, stop signals must be handled."""
    name = f"[{host}]" if ":" in host else host
    url = f"http://{name}:{listener.getsockname()[1]}"
    logger.info(f"Uvicorn running on {url} (Press CTRL+C to quit)")


def ignore_new_connections(listener: socket.socket) -> None:
    """Make the system drop requests for new connections, for all processes with this socket.

    Connections whose handshake has begun are still completed. If a socket were closed while others
    arrive, the system would reset those that nobody has accepted yet. A client repeats a dropped
    request after a second. Other systems than Linux have no such filter.
    """
    if sys.platform != "linux":
        return
    program = b"".join(struct.pack("HBBI", *instruction) for instruction in _DROP_SYN)
    memory = ctypes.create_string_buffer(program)
    option = struct.pack("HL", len(_DROP_SYN), ctypes.addressof(memory))
    with suppress(OSError):  # forbidden in this container: then close as other systems do
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, option)
