"""Several instances of the service behind HAProxy, each of which can be stopped and started."""

import csv
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.processes import wait_until
from tests.support.servers import Server, serve

CONFIG = Path(__file__).parents[2] / "deploy" / "haproxy" / "haproxy.cfg"
NAMES = ("one", "two", "three")


class Instances:
    """Three instances on fixed ports; ``settings`` are their variables."""

    def __init__(self, ports: list[int], **settings: str) -> None:
        self.ports = ports
        self.servers: dict[int, Server] = {}
        self._settings = settings
        self._stacks: dict[int, ExitStack] = {}

    @property
    def urls(self) -> list[str]:
        """Return the base URL of each instance."""
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    def start(self, index: int) -> None:
        """Start an instance."""
        stack = self._stacks[index] = ExitStack()
        environment = {"DIGITS_PORT": str(self.ports[index])} | self._settings
        self.servers[index] = stack.enter_context(serve(**environment))

    def stop(self, index: int) -> int:
        """Stop an instance with SIGTERM, as a rollout does; return its exit code."""
        self.servers[index].process.send_signal(signal.SIGTERM)
        code = self.servers[index].end()
        self._stacks[index].close()
        return code

    def kill(self, index: int) -> None:
        """Kill an instance with SIGKILL."""
        self.servers[index].process.kill()
        self.servers[index].end()
        self._stacks[index].close()

    def close(self) -> None:
        """Stop all instances that run."""
        for stack in self._stacks.values():
            stack.close()


class Balancer:
    """A running HAProxy; ``port`` has the interface of a server for the load generator."""

    def __init__(self, port: int, statistics_port: int) -> None:
        self.port = port
        self._statistics = f"http://127.0.0.1:{statistics_port}/;csv"

    @property
    def url(self) -> str:
        """Return the base URL."""
        return f"http://127.0.0.1:{self.port}"

    def rows(self) -> dict[str, dict[str, str]]:
        """Return the statistics of each instance, by its name."""
        lines = httpx.get(self._statistics).text.removeprefix("# ").splitlines()
        rows = [row for row in csv.DictReader(lines) if row["pxname"] == "instances"]
        return {row["svname"]: row for row in rows if row["svname"] in NAMES}

    def wait_until(self, index: int, state: str) -> None:
        """Wait until an instance is UP or DOWN for the balancer."""
        wait_until(lambda: self.rows()[NAMES[index]]["status"] == state, seconds=30)


def free_ports(count: int) -> list[int]:
    """Return TCP ports that are not in use."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextmanager
def balanced(directory: Path, **settings: str) -> Iterator[tuple[Instances, Balancer]]:
    """Run three instances behind HAProxy with the configuration of deploy/, or skip."""
    if shutil.which("haproxy") is None:
        pytest.skip("needs haproxy in the PATH: apt install haproxy")
    port, statistics, *ports = free_ports(2 + len(NAMES))
    with closing(Instances(ports, **settings)) as instances:
        for index in range(len(NAMES)):
            instances.start(index)
        for server in instances.servers.values():
            assert server.port in ports  # it listens
        addresses = [f"127.0.0.1:{one}" for one in (port, statistics, *ports)]
        config = write_config(directory, dict(zip(ADDRESSES, addresses, strict=True)))
        balancer = Balancer(port, statistics)
        with running_haproxy(config):
            wait_until(lambda: _answers(balancer))
            for index in range(len(NAMES)):
                balancer.wait_until(index, "UP")
            yield instances, balancer


# In the shipped configuration: of the balancer, its statistics, and the instances.
ADDRESSES = [f"127.0.0.1:{port}" for port in (8000, 8404, 8001, 8002, 8003)]


def write_config(directory: Path, addresses: dict[str, str]) -> Path:
    """Copy the shipped configuration with other addresses; an instance without one is left out."""
    lines = CONFIG.read_text().splitlines()
    for address in ADDRESSES:
        (number,) = (n for n, line in enumerate(lines) if line.endswith(f" {address}"))
        new = addresses.get(address)
        lines[number] = lines[number].replace(address, new) + " " if new else ""
    path = directory / "haproxy.cfg"
    path.write_text("\n".join(lines) + "\n")
    return path


@contextmanager
def running_haproxy(config: Path, *launcher: str) -> Iterator[None]:
    """Run HAProxy until the block ends; ``launcher`` are words before its command."""
    command = [*launcher, "haproxy", "-db", "-f", str(config)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _answers(balancer: Balancer) -> bool:
    try:
        return bool(balancer.rows())
    except httpx.TransportError:
        return False
