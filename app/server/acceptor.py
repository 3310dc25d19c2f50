"""Acceptor: accepts the connections of a listening socket, and loses none when it stops.

The servers of asyncio and uvloop close their socket while connections wait to be accepted, and the
system resets these. Without a free file descriptor, uvloop closes the connections that wait.
"""

import asyncio
import errno
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress

import structlog

from app.server.listener import ignore_new_connections
from app.server.system_limits import max_open_files

logger = structlog.get_logger("digitserve")

# File descriptors that connections leave free: for files, and for processes that decode.
RESERVED_DESCRIPTORS = 16

# Pause before the next attempt if there is no file descriptor, and between two lines in the log.
_RETRY_SECONDS, _LOG_SECONDS = 0.1, 10.0

# How long a handshake that has begun may take at the end: a round trip.
_HANDSHAKE_SECONDS = 0.1

# How often to try at the end, if there is no file descriptor for the connections that wait.
_LAST_ATTEMPTS = 5


class Acceptor:
    """Acceptor of the connections of one listening socket in the running event loop.

    ``at_once`` is the largest number of connections for one event. It is 1 if other processes
    accept from the same socket, so that the connections are spread over all of them.
    """

    def __init__(
        self,
        listener: socket.socket,
        create_protocol: Callable[[], asyncio.BaseProtocol],
        *,
        at_once: int,
    ) -> None:
        listener.setblocking(False)
        self._listener = listener
        self._create_protocol = create_protocol
        self._at_once = at_once
        self._loop = asyncio.get_running_loop()
        self._end_of_descriptors = max_open_files() - RESERVED_DESCRIPTORS
        self._pause: asyncio.TimerHandle | None = None
        self._connecting: set[asyncio.Task[None]] = set()
        self._logged = False
        self._next_line = 0.0

    def start(self) -> None:
        """Accept connections from now on."""
        self._loop.add_reader(self._listener.fileno(), self._accept_some)

    async def stop(self, *, whole_service: bool) -> None:
        """Stop accepting, and close the listening socket.

        If the ``whole_service`` stops, the connections that wait are accepted first; else the other
        processes accept them.
        """
        if whole_service:
            ignore_new_connections(self._listener)
            await asyncio.sleep(_HANDSHAKE_SECONDS)
            await self._accept_rest()
        self._suspend()
        self._listener.close()
        await asyncio.gather(*self._connecting)

    def _accept_some(self) -> None:
        try:
            for _ in range(self._at_once):
                descriptor = self._accept()
                if descriptor is None:
                    return
                if descriptor >= self._end_of_descriptors:
                    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        except OSError as error:
            self._wait_for_descriptors(error)

    async def _accept_rest(self) -> None:
        for _ in range(_LAST_ATTEMPTS):
            with suppress(OSError):
                while self._accept() is not None:
                    pass
                return
            await asyncio.sleep(_RETRY_SECONDS)

    def _accept(self) -> int | None:
        """Accept a connection and return its file descriptor, or None if none waits.

        Raises: OSError if the process or the system has no file descriptor or memory for it.
        """
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return None
        task = self._loop.create_task(self._connect(connection))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)
        return connection.fileno()

    async def _connect(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._create_protocol, connection)
        except OSError:  # the client has gone
            connection.close()

    def _wait_for_descriptors(self, error: OSError) -> None:
        """Pause: connections wait in the system's queue until others have ended."""
        self._suspend()
        self._pause = self._loop.call_later(_RETRY_SECONDS, self._try_again)
        if time.monotonic() >= self._next_line:
            self._next_line, self._logged = time.monotonic() + _LOG_SECONDS, True
            logger.error("new connections wait", error=str(error), max_open_files=max_open_files())

    def _try_again(self) -> None:
        if not self._has_descriptors():
            self._pause = self._loop.call_later(_RETRY_SECONDS, self._try_again)
            return
        self._pause = None
        self.start()
        if self._logged:
            self._logged = False
            logger.info("new connections are accepted again")

    def _has_descriptors(self) -> bool:
        """Return whether the next file descriptor is not one of the reserved ones."""
        try:
            descriptor = os.dup(self._listener.fileno())
        except OSError:
            return False
        os.close(descriptor)
        return descriptor < self._end_of_descriptors

    def _suspend(self) -> None:
        self._loop.remove_reader(self._listener.fileno())
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
