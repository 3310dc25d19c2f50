"""Controlling terminal: whether it was closed, seen from a process of its own."""

import os
import pty
import subprocess
import sys

import pytest

PROGRAM = """
import signal, sys
from app.server.terminal import Terminal
terminal = Terminal()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})  # it may come before sigwait
print(terminal.is_closed_by(signal.SIGHUP), flush=True)
if sys.argv[1] == "closed":
    signal.sigwait({signal.SIGHUP})
print(terminal.is_closed_by(signal.SIGHUP), terminal.is_closed_by(signal.SIGTERM), flush=True)
"""


@pytest.mark.parametrize(("how", "closed"), [("open", False), ("closed", True), ("none", False)])
def test_a_closed_terminal_is_noticed(how: str, closed: bool) -> None:
    """An open terminal is not closed, nor is one that the process never had."""
    controller, terminal = pty.openpty()
    session = ["setsid"] if how == "none" else ["setsid", "--ctty"]
    process = subprocess.Popen(
        [*session, sys.executable, "-c", PROGRAM, how],
        stdin=terminal,
        stdout=subprocess.PIPE,
        text=True,
    )
    os.close(terminal)
    assert process.stdout
    before = process.stdout.readline().split()
    if how == "closed":
        os.close(controller)
    after = process.stdout.read().split()
    process.wait()
    process.stdout.close()
    if how != "closed":
        os.close(controller)

    assert before == ["False"]
    assert after == [str(closed), "False"]
