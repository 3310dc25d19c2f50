"""A slow, lossy or cut network between clients, HAProxy and instances: no storm of repetitions."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.instances import ADDRESSES, running_haproxy, write_config
from tests.support.network import Link, Network, network
from tests.support.processes import wait_until
from tests.support.retrying_client import Counts
from tests.support.servers import serve

# TEST-NET-1 of RFC 5737, in namespaces of this test alone; a link has the addresses of its ends.
CLIENT, FRONT = "192.0.2.1", "192.0.2.2"
BACK = ("192.0.2.5", "192.0.2.9")
SERVICE = ("192.0.2.6", "192.0.2.10")
CLIENTS = 8

# More than the clients wait for an answer.
CUT_SECONDS = 2.5

PACKAGE = Path(__file__).parents[2] / "client"


@dataclass(slots=True)
class Site:
    """Namespaces of clients, balancer and two instances, with the links between them."""

    client: str
    services: list[str]
    front: Link
    back: list[Link]

    @property
    def links(self) -> list[Link]:
        """Return all links."""
        return [self.front, *self.back]

    def run_clients(self, seconds: float, *, cut: Link | None = None) -> Counts:
        """Run the clients; return what they have counted. A link is ``cut`` after they started."""
        command = [sys.executable, "-m", "tests.support.retrying_client", f"http://{FRONT}:8000"]
        options = [f"--clients={CLIENTS}", f"--seconds={seconds}"]
        launcher = ["ip", "netns", "exec", self.client]
        with subprocess.Popen(
            [*launcher, *command, *options],
            env=os.environ | {"PYTHONPATH": str(PACKAGE)},
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout
            assert process.stdout.readline() == "started\n"
            if cut:
                cut.cut = True
                time.sleep(CUT_SECONDS)
                cut.cut = False
            return Counts(**json.loads(process.stdout.read()))

    def arrived(self) -> int:
        """Return the number of predictions that have arrived at the instances."""
        pattern = r'^digitserve_request_duration_seconds_count{.*"/v1/predictions".*} (\S+)$'
        total = 0.0
        for namespace, address in zip(self.services, SERVICE, strict=True):
            text = run_in(namespace, "curl", "-s", f"http://{address}:8000/metrics")
            total += sum(map(float, re.findall(pattern, text, re.MULTILINE)))
        return int(total)


def run_in(namespace: str, *command: str) -> str:
    """Run a command in a namespace; return what it prints."""
    done = subprocess.run(
        ["ip", "netns", "exec", namespace, *command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return clients, HAProxy and two instances, each in a namespace of its own, or skip."""
    for program in ("haproxy", "curl"):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program} in the PATH: apt install {program}")
    with network() as made, ExitStack() as stack:
        site, balancer = _join(made)
        for namespace, address in zip(site.services, SERVICE, strict=True):
            launcher = f"exec ip netns exec {namespace}"
            variables = {"DIGITS_HOST": address, "DIGITS_PORT": "8000"}
            stack.enter_context(serve(launcher=launcher, **variables))
        instances = [f"{address}:8000" for address in SERVICE]
        new = dict(zip(ADDRESSES, [f"{FRONT}:8000", ADDRESSES[1], *instances], strict=False))
        config = write_config(tmp_path_factory.mktemp("haproxy"), new)
        stack.enter_context(running_haproxy(config, "ip", "netns", "exec", balancer))
        wait_until(lambda: site.run_clients(0.1).answered > 0, seconds=60)
        yield site


def _join(made: Network) -> tuple[Site, str]:
    """Create the namespaces and links; return them and the namespace of the balancer."""
    client, balancer, *services = map(made.namespace, ("client", "balancer", "one", "two"))
    front = made.link((client, CLIENT), (balancer, FRONT))
    back = [
        made.link((balancer, near), (namespace, far))
        for namespace, near, far in zip(services, BACK, SERVICE, strict=True)
    ]
    return Site(client, services, front, back), balancer


@pytest.fixture
def site(built: Site) -> Iterator[Site]:
    """Return the namespaces, whose links are repaired after the test."""
    yield built
    for link in built.links:
        link.delay, link.loss, link.cut = 0.0, 0.0, False


@pytest.mark.parametrize(("delay", "loss"), [(0.1, 0.0), (0.0, 0.01)], ids=["100 ms", "1 %"])
def test_a_slow_or_lossy_network_causes_no_repetitions(
    site: Site, delay: float, loss: float
) -> None:
    """With 100 ms or a loss of 1 % on every link, all requests are answered, and sent once."""
    for link in site.links:
        link.delay, link.loss = delay, loss
    before = site.arrived()

    counts = site.run_clients(2)

    arrived = site.arrived() - before
    print(counts, arrived)  # noqa: T201
    assert counts.answered == counts.requests > 20
    assert arrived == counts.requests


@pytest.mark.parametrize("cut", ["front", "back"])
def test_a_cut_network_causes_no_storm_of_repetitions(site: Site, cut: str) -> None:
    """A way is cut under load, of all clients or to one instance: what arrives is not twice that.

    All requests are answered in the end: TCP sends again what was lost.
    """
    before = site.arrived()

    counts = site.run_clients(4, cut=site.front if cut == "front" else site.back[0])

    arrived = site.arrived() - before
    print(counts, arrived)  # noqa: T201
    assert counts.answered == counts.requests
    assert counts.slowest > 0.9  # a connection had to wait
    assert counts.requests <= arrived <= counts.requests + 2 * CLIENTS
