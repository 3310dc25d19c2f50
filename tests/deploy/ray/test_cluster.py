"""The service and the command on a Ray cluster of two nodes (``make scale``)."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.deploy.ray.cluster import DEPLOY, TwoNodes, two_nodes
from tests.support.commands import run_command
from tests.support.load import Request, send
from tests.support.pictures import as_bytes, encode, two
from tests.support.processes import wait_until
from tests.support.prometheus import running_prometheus
from tests.support.running_load import running_load
from tests.support.servers import serve
from tests.support.uploads import uploads

REPLICA, MAPPER = "ServeReplica", "MapWorker"

Show = Callable[[str], None]

KEY = "a-key-of-the-tests"
HEADERS = {"Authorization": f"Bearer {KEY}"}
REQUEST = Request("small", body=as_bytes(), headers=HEADERS)

# Autoscaling that measures and decides within seconds; a replica is to have two requests at work.
QUICK = {
    "metrics_interval_s": 0.5,
    "look_back_period_s": 2,
    "upscale_delay_s": 0.5,
    "downscale_delay_s": 0.5,
    "target_ongoing_requests": 2,
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[TwoNodes]:
    """Return a cluster for all tests; the last one kills a node."""
    with two_nodes() as one:
        yield one


@pytest.fixture
def show(capsys: pytest.CaptureFixture[str]) -> Show:
    """Return a function that prints a line of figures; Ray's own lines are left out."""

    def print_line(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}")  # noqa: T201

    return print_line


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


def test_prometheus_gets_the_metrics_of_each_replica(
    cluster: TwoNodes, free_port: int, tmp_path: Path
) -> None:
    """It asks the service for the addresses; the sum over them is the number of requests."""
    total, config = 120, DEPLOY / "prometheus.yml"
    query = 'sum by (instance) (digitserve_request_duration_seconds_count{route="/v1/predictions"})'

    def counts() -> dict[str, int]:
        return {row["metric"]["instance"]: int(float(row["value"][1])) for row in ask(query)}

    with running_prometheus(
        [cluster.port], free_port, tmp_path, interval="300ms", config=config
    ) as ask:
        wait_until(lambda: len(ask("up{job='digitserve'} == 1")) == 2)
        wait_until(lambda: len(counts()) == 2)
        time.sleep(0.6)  # two scrapes: the requests of earlier tests are counted
        before = counts()
        report = send(cluster, [REQUEST] * total)
        wait_until(lambda: sum(counts().values()) - sum(before.values()) >= total)
        after = counts()

    shares = [after[address] - before[address] for address in after]
    assert report.statuses == {200: total}
    assert sum(shares) == total
    assert min(shares) > 0


def test_replicas_follow_the_load(cluster: TwoNodes, show: Show) -> None:
    """From one to three and back to one; a replica that is stopped loses no request."""
    cluster.serve_with(QUICK | {"min_replicas": 1, "max_replicas": 3}, {})
    wait_until(lambda: cluster.replicas() == 1, seconds=30)

    began = time.monotonic()
    with running_load(cluster, lambda _: REQUEST, clients=16) as many:
        wait_until(lambda: cluster.replicas() == 3, seconds=60)
    up = time.monotonic() - began
    began = time.monotonic()
    with running_load(cluster, lambda _: REQUEST, clients=2) as few:
        wait_until(lambda: cluster.replicas() == 1, seconds=60)
    down = time.monotonic() - began

    show(f"1 to 3 replicas in {up:.1f} s: {many[0].statuses}")
    show(f"3 to 1 replicas in {down:.1f} s: {few[0].statuses}")
    assert set(many[0].statuses) == set(few[0].statuses) == {200}


def test_a_new_version_loses_no_request(cluster: TwoNodes, show: Show) -> None:
    """Under load all replicas are replaced by those with another setting."""
    before = cluster.actors(REPLICA, alive=True)
    with running_load(cluster, lambda _: REQUEST, clients=4) as reports:
        cluster.serve_with({}, {"DIGITS_API_KEYS": KEY})
        wait_until(lambda: cluster.replicas() == 2, seconds=60)
    after = cluster.actors(REPLICA, alive=True)
    address = f"http://127.0.0.1:{cluster.port}/metrics/targets"

    show(f"new version in {reports[0].seconds:.1f} s: {reports[0].statuses}")
    assert set(reports[0].statuses) == {200}
    assert not set(before) & set(after)
    assert len(set(after.values())) == 2
    assert httpx.get(address).status_code == 401
    assert len(httpx.get(address, headers=HEADERS).json()[0]["targets"]) == 2


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


def test_a_killed_node_loses_only_requests_in_flight(cluster: TwoNodes, show: Show) -> None:
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
    show(
        f"{len(load.results)} requests, {len(failed)} failed {sorted({e for _, e in failed})}, "
        f"the last one sent {last:.1f} s after the kill; two replicas answer after "
        f"{whole - killed:.1f} s"
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
    headers = HEADERS | {"Content-Type": "image/png"}
    connection.request("POST", "/v1/predictions", body=body, headers=headers)
    response = connection.getresponse()
    document = json.loads(response.read())
    connection.close()
    document.pop("request_id")
    others = {"date", "server", "x-request-id"}
    kept = {k.lower(): v for k, v in response.getheaders() if k.lower() not in others}
    kept.pop("content-length")  # of request ids of two lengths
    return response.status, document, kept
