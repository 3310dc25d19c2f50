"""Decoder process: decodes and normalises uploads outside the server, within limits.

The work of a file is not known before it is decoded. A child process can be killed when it takes
too long, its memory is limited by the system and freed when it ends, and it does not hold Python's
interpreter lock while the server answers small requests.
"""

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import cast

import structlog

from app.errors import TooBusyError, UnreadableImageError
from app.inference.decoder.child import Work, run
from app.inference.decoder.deadline import WAIT_FACTOR, Deadline, Overrun
from app.inference.decoder.messages import HEAD, read_reply, request_head
from app.inference.decoder.page_messages import TASK, read_page_reply
from app.inference.sheets.types import PageReading, PageTask
from app.inference.types import NormalisedUpload, Preparation

logger = structlog.get_logger("digitserve")

# A page of a sheet, whose boxes have to be found, may take as many times the limit of an image.
PAGE_FACTOR = 2


class DecoderProcess:
    """Child process that decodes one upload at a time, forked when it is first needed.

    Units: ``max_seconds`` of processor time for one upload; ``max_bytes`` of memory in addition to
    that of the server. A process that exceeds a limit is killed, and replaced for the next upload;
    ``on_kill`` is called.
    """

    def __init__(
        self,
        work: Work,
        *,
        max_seconds: float,
        max_bytes: int,
        on_kill: Callable[[], None] = lambda: None,
    ) -> None:
        self._work = work
        self._max_seconds, self._max_bytes = max_seconds, max_bytes
        self._on_kill = on_kill
        self._child: _Child | None = None

    async def normalise(self, data: bytes, preparation: Preparation) -> NormalisedUpload:
        """Decode and prepare an upload.

        Raises: an AppError if the bytes are not an image within the limits; MemoryError if the
        system has no memory for it, or has killed the process; DecoderError for an unexpected
        exception in the process.
        """
        return read_reply(
            await self._ask(request_head(data, preparation), data, seconds=self._max_seconds)
        )

    async def read_page(self, data: bytes, task: PageTask, *, max_boxes: int) -> PageReading:
        """Read a page of a sheet, in PAGE_FACTOR times the time of one upload.

        Raises: as ``normalise``.
        """
        head = request_head(data, Preparation(), task=TASK.dump_json(task))
        reply = await self._ask(head, data, seconds=PAGE_FACTOR * self._max_seconds)
        return read_page_reply(reply, max_boxes=max_boxes)

    async def _ask(self, head: bytes, data: bytes, *, seconds: float) -> bytes:
        """Return the reply to a request, which may take ``seconds`` of processor time."""
        child = await self._running_child()
        deadline = Deadline(child.process, seconds, child.kill)
        try:
            reply = await child.exchange(head, data)
        except BaseException:  # cancelled: its reply would be taken for that of the next upload
            self.stop()
            raise
        finally:
            deadline.cancel()
        if not reply:
            self._child = None
            self._on_kill()
            raise self._death(child.reap(), child.overrun, seconds)
        return reply

    def stop(self) -> None:
        """Kill the process, if there is one."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.reap()

    async def _running_child(self) -> "_Child":
        child = self._child
        if child is None or child.is_dying or child.loop is not asyncio.get_running_loop():
            self.stop()
            child = self._child = await self._start()
        return child

    async def _start(self) -> "_Child":
        if not hasattr(os, "fork"):
            raise UnreadableImageError(
                "image: expected a small one on this system, which has no os.fork, got a larger one"
            )
        try:
            process, connection = self._fork()
        except OSError as error:  # the system has no process, file or memory left
            raise MemoryError(f"decoder: expected a new process, got: {error}") from None
        loop = asyncio.get_running_loop()
        try:
            _, child = await loop.create_connection(lambda: _Child(loop, process), sock=connection)
        except BaseException:
            connection.close()  # which ends the process
            wait_for_end(process)
            raise
        return child

    def _fork(self) -> tuple[int, socket.socket]:
        """Fork the process; return its id and the connection to it."""
        ours, theirs = socket.socketpair()
        server = os.getpid()
        try:
            process = os.fork()
        except OSError:
            ours.close()
            raise
        finally:
            if os.getpid() == server:
                theirs.close()
        if process == 0:
            run(theirs, self._work, server=server, max_bytes=self._max_bytes)
        ours.setblocking(False)
        return process, ours

    def _death(self, code: int, overrun: Overrun | None, seconds: float) -> Exception:
        """Return the error of a process that ended while it decoded; log it."""
        logger.warning("decoder ended", exit_code=code, late=overrun is not None)
        if overrun is Overrun.PROCESSOR_TIME:
            return UnreadableImageError(
                f"image: expected one that is decoded within {seconds:g} s, got one that "
                f"takes longer than {seconds:g} s"
            )
        if overrun is Overrun.BUSY_MACHINE:
            return TooBusyError(
                f"service: expected {seconds:g} s of processor time for an image within "
                f"{WAIT_FACTOR * seconds:g} s, got less; try again later"
            )
        if code == -signal.SIGKILL:  # by the system, almost always because it is out of memory
            return MemoryError(f"decoder: expected a reply, got exit code {code}")
        return UnreadableImageError(
            "image: expected one that can be decoded, got one that ends the decoder "
            f"(exit code {code})"
        )


def wait_for_end(process: int) -> int:
    """Wait for the end of a child process, and return its exit code.

    0 stands for an unknown code: SIGCHLD may have been ignored by the program that started this.
    """
    try:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    except ChildProcessError:
        return 0


class _Child(asyncio.Protocol):
    """A decoder process, and the connection to it (an asyncio protocol)."""

    def __init__(self, loop: asyncio.AbstractEventLoop, process: int) -> None:
        self.loop = loop
        self.process = process
        self.overrun: Overrun | None = None
        self.is_dying = False
        self._transport: asyncio.Transport
        self._received = bytearray()
        self._reply: asyncio.Future[bytes] | None = None

    def exchange(self, head: bytes, data: bytes) -> "asyncio.Future[bytes]":
        """Send an upload; return a future of the reply, which is empty if the process ends."""
        self._reply = self.loop.create_future()
        self._transport.write(head)
        self._transport.write(data)
        return self._reply

    def kill(self, overrun: Overrun | None = None) -> None:
        """Kill the process; the connection is lost when its memory is free."""
        if overrun and (self._reply is None or self._reply.done()):
            return  # the reply has come in the same iteration as the deadline
        self.overrun, self.is_dying = overrun, True
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)

    def reap(self) -> int:
        """Close the connection, wait for the end of the process, and return its exit code."""
        if not self.loop.is_closed():
            self._transport.abort()
        return wait_for_end(self.process)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport (asyncio's interface)."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Collect a reply (asyncio's interface)."""
        self._received += data
        if len(self._received) < HEAD.size:
            return
        end = HEAD.size + HEAD.unpack_from(self._received)[0]
        if len(self._received) >= end and self._reply and not self._reply.done():
            reply, self._received = bytes(self._received[HEAD.size : end]), bytearray()
            self._reply.set_result(reply)

    def connection_lost(self, _: Exception | None) -> None:
        """Note the end of the process (asyncio's interface)."""
        self.is_dying = True
        if self._reply and not self._reply.done():
            self._reply.set_result(b"")  # an exception in it would be a reference cycle
