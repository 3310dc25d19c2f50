"""End of the process without waiting for threads that are still busy."""

import atexit
import os
import sys
import threading
import time
from typing import NoReturn

import structlog

logger = structlog.get_logger("digitserve")

# How long to wait for threads that are about to end.
_JOIN_SECONDS = 0.2


def end_process(code: int) -> NoReturn:
    """End the process with an exit code, without waiting for threads that are still busy.

    Python waits for all threads that are not daemons. One that computes an explanation would delay
    the end, although its request has been answered.
    """
    threads = _busy_threads()
    if threads:
        names = [thread.name for thread in threads]
        logger.warning("threads are still busy, ending without them", threads=names)
        end_at_once(code)
    sys.exit(code)


def end_at_once(code: int) -> NoReturn:
    """Call the functions registered for the end, which write buffers, and end without Python."""
    atexit._run_exitfuncs()
    os._exit(code)


def _busy_threads() -> list[threading.Thread]:
    """Return the threads for which Python would wait, after a moment in which they may end."""
    end = time.monotonic() + _JOIN_SECONDS
    others = {*threading.enumerate()} - {threading.current_thread()}
    threads = [thread for thread in others if not thread.daemon]
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return [thread for thread in threads if thread.is_alive()]
