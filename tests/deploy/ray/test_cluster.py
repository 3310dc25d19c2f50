"""The service and the command on a Ray cluster of two nodes (``make scale``)."""

import http.client
import json
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.deploy.ray.cluster import TwoNodes, two_nodes
from tests.support.commands import run_command
from tests.support.pictures import as_bytes, encode, two
from tests.support.processes import wait_until
from tests.support.servers import serve
from tests.support.uploads import uploads

REPLICA, MAPPER = "ServeReplica", "MapWorker"


@pytest.fixture(scope="module")
def cluster() -> Iterator[TwoNodes]:
    """Return a cluster for all tests; the last one kills a node."""
    with two_nodes() as one:
        yield one


def test_answers_are_those_of_the_plain_service(cluster: TwoNodes) -> None:
    """Probabilities to the last digit, problems and headers."""
    pictures = [encode(Image.fromarray(pixels)) for _, pixels in uploads()]
    with serve(OPENBLAS_NUM_THREADS="1") as server:
        for body in (*pictures, b"text", b""):
            plain = _post(server.port, body)
            on_ray = _post(cluster.port, body)

            assert on_ray == plain


def test_a_response_has_one_request_id(cluster: TwoNodes) -> None:
    """The caller's, in the header and in the body."""
    response = httpx.post(
        f"http://127.0.0.1:{cluster.port}/v1/predictions",
        content=as_bytes(),
        headers={"X-Request-ID": "mine"},
    )

    assert response.headers.get_list("x-request-id") == ["mine"]
    assert response.json()["request_id"] == "mine"


def test_both_nodes_work(cluster: TwoNodes) -> None:
    """Each of the two replicas is on its own node, and answers at least a third of the requests."""
    nodes = cluster.actors(REPLICA, alive=True)
    wait_until(lambda: _both_have_answered(cluster, set(nodes)))  # HAProxy knows both of them
    time.sleep(0.5)  # the lines of these requests are written
    before = cluster.predictions()
    for _ in range(120):
        assert _post(cluster.port, as_bytes())[0] == 200
    wait_until(lambda: (cluster.predictions() - before).total() == 120)
    shares = cluster.predictions() - before

    assert len(set(nodes.values())) == 2
    assert set(shares) == set(nodes)
    assert min(shares.values()) >= 40


def test_a_folder_is_predicted_by_both_nodes(cluster: TwoNodes, tmp_path: Path) -> None:
    """The outcomes are those of one process, in order, with the same exit code."""
    for number in range(400):
        (tmp_path / f"{number:03}.png").write_bytes(encode(two(28 + number % 40)))
    (tmp_path / "200.png").write_bytes(b"text")

    alone = run_command("predict", tmp_path, "--jsonl", "--jobs", "2")  # batches of the same size
    on_ray = run_command("predict", tmp_path, "--jsonl", "--ray", cluster.address, "--jobs", "2")

    assert (on_ray.returncode, on_ray.stdout) == (alone.returncode, alone.stdout) != (0, "")
    summary = on_ray.stderr.splitlines()[-1]  # Ray may write lines before it
    assert summary.startswith("400 pictures: 399 accepted, 0 abstained, 1 unreadable; ")
    assert len(set(cluster.actors(MAPPER, alive=False).values())) == 2


def test_a_wrong_model_has_one_line(cluster: TwoNodes) -> None:
    """It is found before the cluster is asked."""
    done = run_command("predict", "docs/two.png", "--ray", cluster.address, "--model", "none")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@dataclass
class _Load:
    """Requests of several clients: time of each, and its error or an empty text."""

    port: int
    stop: threading.Event = field(default_factory=threading.Event)
    results: list[tuple[float, str]] = field(default_factory=list)

    def run(self) -> None:
        while not self.stop.is_set():
            began = time.monotonic()
            try:
                status = str(_post(self.port, as_bytes())[0])
            except (OSError, http.client.HTTPException) as error:
                status = type(error).__name__
            self.results.append((began, "" if status == "200" else status))


def test_a_killed_node_loses_only_requests_in_flight(cluster: TwoNodes) -> None:
    """HAProxy goes on with the other replica at once; a new one takes the place of the lost one."""
    load = _Load(cluster.port)
    clients = [threading.Thread(target=load.run) for _ in range(8)]
    for one in clients:
        one.start()
    wait_until(lambda: len(load.results) > 200)
    before = set(cluster.actors(REPLICA, alive=True))
    killed = time.monotonic()
    cluster.kill_second_node()
    wait_until(lambda: _is_whole(cluster, before), seconds=60)
    whole = time.monotonic()
    enough = len(load.results) + 200
    wait_until(lambda: len(load.results) > enough)
    load.stop.set()
    for one in clients:
        one.join()
    failed = [(began - killed, error) for began, error in load.results if error]
    last = max((began for began, _ in failed), default=0.0)
    sys.stdout.write(
        f"\n{len(load.results)} requests, {len(failed)} failed {sorted({e for _, e in failed})}, "
        f"the last one sent {last:.1f} s after the kill; two replicas answer after "
        f"{whole - killed:.1f} s\n"
    )

    assert len(failed) <= len(clients) * 2
    assert last < 5


def _both_have_answered(cluster: TwoNodes, replicas: set[int]) -> bool:
    _post(cluster.port, as_bytes())
    counts = cluster.predictions()
    return all(counts[one] for one in replicas)


def _is_whole(cluster: TwoNodes, before: set[int]) -> bool:
    """Return whether one of the two replicas is a new process that has answered."""
    [*new] = set(cluster.actors(REPLICA, alive=True)) - before
    return len(new) == 1 and cluster.predictions()[new[0]] > 0


def _post(port: int, body: bytes) -> tuple[int, Any, dict[str, str]]:
    """Return status, document and headers, without those that differ between two requests."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "image/png"}
    connection.request("POST", "/v1/predictions", body=body, headers=headers)
    response = connection.getresponse()
    document = json.loads(response.read())
    connection.close()
    document.pop("request_id")
    others = {"date", "server", "x-request-id"}
    kept = {k.lower(): v for k, v in response.getheaders() if k.lower() not in others}
    kept.pop("content-length")  # of request ids of two lengths
    return response.status, document, kept
