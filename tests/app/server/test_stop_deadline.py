"""Deadline of a shutdown: the process ends in time, whatever its threads do."""

import signal
import subprocess
import sys
import time

import pytest

from app.server import stop_deadline
from app.server.stop_deadline import end_seconds
from app.settings import Settings
from tests.support import servers
from tests.support.processes import wait_until
from tests.support.servers import serve

STUCK_THREAD = """
import atexit, threading, time
from app.server.process_end import end_process
atexit.register(print, "flushed")
threading.Thread(target=time.sleep, args=[60], name="sleeper").start()
end_process(3)
"""

STUCK_LOOP = """
import time
from app.server.stop_deadline import StopDeadline
deadline = StopDeadline()
deadline.bring_forward(60)
deadline.bring_forward(0.6)
deadline.bring_forward(60)
deadline.start_thread()
{wait}
"""


def run(program: str) -> tuple[int, str, float]:
    """Run a program; return its exit code, its output and its seconds."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )
    return done.returncode, done.stdout + done.stderr, time.monotonic() - began


def test_a_busy_thread_does_not_keep_the_process() -> None:
    """The process ends with its exit code, names the thread, and writes its buffers."""
    code, output, seconds = run(STUCK_THREAD)

    assert code == 3
    assert "threads are still busy, ending without them" in output
    assert "sleeper" in output
    assert "flushed" in output
    assert seconds < 20


def test_a_stuck_event_loop_ends_with_a_line() -> None:
    """If the event loop does not end, a thread logs that and ends the process with 1."""
    code, output, seconds = run(STUCK_LOOP.format(wait="time.sleep(60)"))

    assert code == 1
    assert "the event loop has not ended in time, ending without it" in output
    assert seconds < 20


def test_code_that_never_returns_is_ended_by_the_system() -> None:
    """If no Python code runs any more, SIGALRM ends the process."""
    # The power is computed in C, which keeps the interpreter's lock for minutes.
    code, _, seconds = run(STUCK_LOOP.format(wait="pow(3, 10**9)"))

    assert code == -signal.SIGALRM
    assert seconds < 20


BUSY_THREAD = r"""
import runpy, sys, threading, time
from app.telemetry.telemetry import Telemetry
start = Telemetry.start
def start_with_thread(self, worker):
    threading.Thread(target=time.sleep, args=[60], name="sleeper").start()
    start(self, worker)
    sys.stderr.write("busy thread started\n")
Telemetry.start = start_with_thread
runpy.run_module("app", run_name="__main__")
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_server_ends_without_its_busy_threads(
    workers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that is still busy after SIGTERM keeps neither a process nor its parent."""
    monkeypatch.setattr(servers, "COMMAND", [sys.executable, "-c", BUSY_THREAD])
    with serve(DIGITS_WORKERS=workers, DIGITS_DRAIN_SECONDS="0") as server:
        assert server.port
        wait_until(lambda: "".join(server.log).count("busy thread started") == int(workers))
        began = time.monotonic()
        server.process.terminate()

        assert server.end() == 0
        assert time.monotonic() - began < 10
    busy = [line for line in server.log if "threads are still busy" in line]
    assert len(busy) == int(workers)


def test_traces_have_five_seconds_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """With traces on, the deadline leaves the time that sending the last spans may take."""
    settings = Settings(grace_seconds=3)
    without = end_seconds(settings)
    monkeypatch.setattr(stop_deadline, "check_tracing", lambda: True)

    assert (without, end_seconds(settings)) == (4, 9)
