"""Server processes on chosen cores, with their start time, processor time and memory."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

OURS, NOOP, TYPICAL = "app", "benchmarks.peers.serve_noop", "benchmarks.peers.serve_typical"

# Peers with a virtual environment of their own, because their packages conflict with ours; the
# first two take pictures, MLServer takes tensors.
PEERS = {"LitServe": "litserve", "BentoML": "bentoml"}
MLSERVER = "mlserver"

_TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """A running server that is ready to answer.

    Units: ``ready_seconds`` from the start of the process to the first answer.
    """

    def __init__(self, process: int, port: int, ready_seconds: float) -> None:
        self.process = process
        self.port = port
        self.ready_seconds = ready_seconds

    def processes(self) -> list[int]:
        """Return the ids of the process and of its workers."""
        children = Path(f"/proc/{self.process}/task/{self.process}/children").read_text()
        return [self.process, *map(int, children.split())]

    def cpu_seconds(self) -> float:
        """Return the processor time used by all processes together."""
        return sum(map(process_seconds, self.processes()))

    def resident_bytes(self) -> int:
        """Return the memory of the first process, shared pages included."""
        status = Path(f"/proc/{self.process}/status").read_text()
        return int(re.findall(r"VmRSS:\s*(\d+) kB", status)[0]) * 1024


@contextmanager
def serve(
    module: str,
    cores: set[int],
    *,
    python: str = sys.executable,
    directory: Path | None = None,
    **environment: str,
) -> Iterator[Server]:
    """Run ``python -m module`` on these cores, its log in a file, as it would be in service.

    ``directory`` is where it runs: another checkout, for another version of the service.

    Raises: RuntimeError, with the log, if it ends or does not answer within a minute.
    """
    port = free_port()
    plain = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}
    # with 1, each start compiles all modules, a fifth of its time; the image has them compiled
    plain["PYTHONDONTWRITEBYTECODE"] = ""
    arguments = [] if module == OURS else ["--port", str(port)]
    with tempfile.TemporaryFile() as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            [python, "-m", module, *arguments],
            env=plain | {"DIGITS_PORT": str(port)} | environment,
            cwd=directory,
            stdout=log,
            stderr=log,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
            process_group=0,
        )
        try:
            while not _answers(port):
                if process.poll() is not None or time.perf_counter() - began > 60:
                    log.seek(0)
                    raise RuntimeError(f"{module}: expected a server, got {log.read().decode()}")
                time.sleep(0.01)
            yield Server(process.pid, port, time.perf_counter() - began)
        finally:
            _end(process)


@contextmanager
def serve_peer(peer: str, cores: set[int], **environment: str) -> Iterator[Server | None]:
    """Run a peer in its own environment, such as .venv-litserve, if that exists."""
    python = Path(f".venv-{peer}/bin/python")
    if not python.exists():
        yield None
        return
    module = f"benchmarks.peers.serve_{peer}"
    with serve(module, cores, python=str(python), directory=None, **environment) as server:
        yield server


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop a server and its child processes."""
    process.send_signal(signal.SIGINT)  # unlike SIGTERM, without a drain
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status != 503
    except OSError:
        return False
    finally:
        connection.close()


def free_port() -> int:
    """Return a TCP port that is not in use."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def process_seconds(process: int) -> float:
    """Return the processor time of a process."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
