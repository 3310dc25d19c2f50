"""The service as a subprocess."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

COMMAND = [sys.executable, "-m", "app"]


class Server:
    """A running server process; a thread appends the lines of its log to ``log``."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.log: list[str] = []
        self._listening = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stderr or ():
            self.log.append(line)
            if "Uvicorn running on" in line:
                self._listening.set()

    @property
    def port(self) -> int:
        """Wait until the server listens; return its port."""
        if not self._listening.wait(timeout=30):
            raise TimeoutError("".join(self.log))
        found = re.search(r"http://\S+:(\d+) ", "".join(self.log))
        if found is None:
            raise ValueError("".join(self.log))
        return int(found[1])

    @property
    def url(self) -> str:
        """Return the base URL."""
        return f"http://127.0.0.1:{self.port}"

    def end(self) -> int:
        """Wait until the process ends; return its exit code."""
        code = self.process.wait(timeout=30)
        self._reader.join(timeout=5)
        return code


@contextmanager
def serve(*, launcher: str = "exec", **environment: str) -> Iterator[Server]:
    """Run a server; ``launcher`` are words of the shell before its command.

    The port is a free one unless ``DIGITS_PORT``, or ``PORT`` alone, is given.
    """
    plain = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}
    ports = {} if "PORT" in environment else {"DIGITS_PORT": "0"}
    process = subprocess.Popen(
        by_shell(launcher),
        env=plain | ports | environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Server(process)
    finally:
        _stop(process)
        if process.stderr:
            process.stderr.close()


def _stop(process: subprocess.Popen[str]) -> None:
    """Stop a server with SIGINT, so that it writes its coverage; kill it after 15 seconds."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def by_shell(launcher: str, *arguments: str) -> list[str]:
    """Return the command that runs a server from a shell, as in ``ulimit -n 64; exec``."""
    return ["sh", "-c", f'{launcher} "$@"', "sh", *COMMAND, *arguments]


def run_to_the_end(
    *arguments: str, launcher: str = "exec", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a server that ends by itself; return its exit code and output."""
    return subprocess.run(
        by_shell(launcher, *arguments),
        env=os.environ | {"DIGITS_PORT": "0"} | environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
