"""Main loop of the decoder process, and the limits that the system enforces on it."""

import ctypes
import os
import signal
import socket
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple, NoReturn

from app.errors import UnreadableImageError
from app.images.json_image import JsonBody
from app.inference.decoder.messages import (
    REQUEST_HEAD,
    error_reply,
    read_request_head,
    result_reply,
)
from app.inference.decoder.page_messages import TASK, page_reply
from app.inference.malloc import keep_memory, trim_memory
from app.inference.sheets.types import PageReading, PageTask
from app.inference.types import NormalisedUpload, Preparation


class Work(NamedTuple):
    """What the process does: decode and prepare an upload, or read a page of a sheet."""

    decode: Callable[[bytes, Preparation], NormalisedUpload]
    read_page: Callable[[bytes, PageTask], PageReading]


# Largest number of bytes that are received at once.
_PIECE_BYTES = 1024 * 1024

# Linux's number for prctl, from sys/prctl.h.
_PR_SET_PDEATHSIG = 1


def run(connection: socket.socket, work: Work, *, server: int, max_bytes: int) -> NoReturn:
    """Decode uploads from the server until it closes the connection; never returns.

    ``server`` is the process id of the server, ``max_bytes`` the memory limit in addition to the
    memory at the start.
    """
    code = 1
    try:
        _detach(connection)
        keep_memory()
        if os.getppid() == server:  # else it died before the system would have told
            limited = _limit_memory(max_bytes)
            _decode_all(connection, work, max_bytes if limited else None)
        code = 0
    finally:
        os._exit(code)  # no handler, thread or buffer of the server may run here


def _detach(connection: socket.socket) -> None:
    """Leave the server's signals, files and log, and end when the server does."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # Ctrl-C reaches the whole group of processes
    # Clients would wait for the end of connections that are still open here. Lines of libtiff are
    # not JSON, and a file can cause thousands.
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    kept = connection.fileno()
    os.closerange(3, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:  # a decoder in a long loop does not notice a closed connection
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit_memory(max_bytes: int) -> bool:
    """Limit the address space to its size now and ``max_bytes`` more; write no core files.

    Return whether this is the lowest limit: the whole service may have a lower one.
    """
    import resource  # not on Windows, where every module can be imported, too

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    statistics = Path("/proc/self/statm")
    if not statistics.exists():  # macOS, which does not enforce the limit either
        return False
    pages = int(statistics.read_text().split()[0])
    limit = pages * resource.getpagesize() + max_bytes
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard != resource.RLIM_INFINITY and hard <= limit:
        return False
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    return True


def _decode_all(connection: socket.socket, work: Work, max_bytes: int | None) -> None:
    while data := _receive(connection, REQUEST_HEAD.size):
        head = read_request_head(data)
        receive = partial(_receive_json if head.is_json else _receive, connection, head.size)
        task = TASK.validate_json(_receive(connection, head.task_size)) if head.task_size else None
        connection.sendall(_reply(receive, work, task or head.preparation, max_bytes))
        trim_memory()


def _reply(
    receive: Callable[[], bytes], work: Work, task: Preparation | PageTask, max_bytes: int | None
) -> bytes:
    """Receive and process one upload; the upload is freed at the end of this function.

    A picture is prepared, a sheet has a task.
    ``max_bytes`` is None if the memory limit is not that of the decoder.
    """
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if isinstance(task, PageTask):
                result: PageReading | NormalisedUpload = work.read_page(receive(), task)
            else:
                result = work.decode(receive(), task)
        if caught:
            result.warning = f"{caught[0].message} (1 of {len(caught)})"
        return page_reply(result) if isinstance(result, PageReading) else result_reply(result)
    except Exception as error:
        if max_bytes is None or not isinstance(error, MemoryError):
            return error_reply(error)
    return error_reply(
        UnreadableImageError(
            f"image: expected one that takes at most {max_bytes} bytes of memory to decode, got "
            "one that takes more"
        )
    )


def _receive_json(connection: socket.socket, size: int) -> JsonBody:
    return JsonBody(_receive(connection, size))


def _receive(connection: socket.socket, size: int) -> bytes:
    """Receive ``size`` bytes; return no bytes if the server has closed the connection.

    Raises: MemoryError, after all bytes have been received.
    """
    pieces, missing = [], size
    try:
        while missing:
            piece = connection.recv(min(missing, _PIECE_BYTES))
            if not piece:
                return b""
            missing -= len(piece)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
    except MemoryError:
        pieces.clear()
        while missing and (piece := connection.recv(min(missing, _PIECE_BYTES))):
            missing -= len(piece)
        raise
