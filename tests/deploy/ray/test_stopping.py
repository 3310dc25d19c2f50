"""Replicas and nodes of the cluster that start and stop under load."""

import http.client
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.deploy.ray.client import HEADERS, KEY, REQUEST, post
from tests.deploy.ray.cluster import MAPPER, REPLICA, TwoNodes
from tests.support.commands import command, run_command
from tests.support.load import Report
from tests.support.pictures import as_bytes, encode, two
from tests.support.processes import wait_until
from tests.support.running_load import running_load

Show = Callable[[str], None]

PICTURES = 12_000

# Autoscaling that measures and decides within seconds; a replica is to have two requests at work.
QUICK = {
    "metrics_interval_s": 0.5,
    "look_back_period_s": 2,
    "upscale_delay_s": 0.5,
    "downscale_delay_s": 0.5,
    "target_ongoing_requests": 2,
}


def test_replicas_follow_the_load(cluster: TwoNodes, show: Show) -> None:
    """From two to three and back to two; a replica that is stopped loses no request."""
    cluster.serve_with(QUICK | {"max_replicas": 3}, {})

    began = time.monotonic()
    with running_load(cluster, lambda _: REQUEST, clients=16) as many:
        wait_until(lambda: cluster.replicas() == 3, seconds=60)
    up = time.monotonic() - began
    began = time.monotonic()
    with running_load(cluster, lambda _: REQUEST, clients=2) as few:
        wait_until(lambda: len(cluster.actors(REPLICA, alive=True)) == 2, seconds=60)
    down = time.monotonic() - began

    show(f"2 to 3 replicas in {up:.1f} s: {_count(many[0])}")
    show(f"3 to 2 replicas in {down:.1f} s: {_count(few[0])}")
    assert set(many[0].statuses) == set(few[0].statuses) == {200}


def test_a_new_version_loses_no_request(cluster: TwoNodes, show: Show) -> None:
    """Under load all replicas are replaced by those with another setting."""
    before = cluster.actors(REPLICA, alive=True)
    with running_load(cluster, lambda _: REQUEST, clients=4) as reports:
        cluster.serve_with({}, {"DIGITS_API_KEYS": KEY})
        wait_until(lambda: not set(before) & set(cluster.actors(REPLICA, alive=True)), seconds=60)
        wait_until(lambda: cluster.replicas() == 2)
    after = cluster.actors(REPLICA, alive=True)
    address = f"http://127.0.0.1:{cluster.port}/metrics/targets"

    show(f"new version in {reports[0].seconds:.1f} s: {_count(reports[0])}")
    assert set(reports[0].statuses) == {200}
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
                status = str(post(self.port, as_bytes())[0])
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


def _count(report: Report) -> str:
    """Return the number of requests, and of those without an answer or with an error."""
    total = report.answers.total()
    return f"{total:,} requests, {total - report.statuses[200]} lost"


def _is_whole(cluster: TwoNodes, before: set[int]) -> bool:
    """Return whether one of the two replicas is a new process that has answered."""
    [*new] = set(cluster.actors(REPLICA, alive=True)) - before
    return len(new) == 1 and cluster.predictions()[new[0]] > 0


def test_a_killed_node_loses_no_picture_of_a_folder(
    cluster: TwoNodes, show: Show, tmp_path: Path
) -> None:
    """Its chunks are predicted by the other node: the output is that of an undisturbed run."""
    cluster.add_second_node()
    folder, output = tmp_path / "pictures", tmp_path / "output"
    folder.mkdir()
    pictures = [encode(two(size)) for size in range(28, 38)]
    for number in range(PICTURES):
        (folder / f"{number:05}.png").write_bytes(pictures[number % len(pictures)])
    alone = run_command("predict", folder, "--jsonl", "--jobs", "2")
    words = command(["predict", folder, "--jsonl", "--ray", cluster.address, "--jobs", "2"])
    with output.open("wb") as file, subprocess.Popen(words, stdout=file, stderr=file) as process:
        wait_until(lambda: output.stat().st_size > 1000, seconds=60)
        wait_until(lambda: len(set(cluster.actors(MAPPER, alive=True).values())) == 2)
        cluster.kill_second_node()
        killed, done = time.monotonic(), output.read_bytes().count(b"\n")
        process.wait(timeout=100)
    rest = time.monotonic() - killed

    show(f"{done} of {PICTURES} pictures before the kill, the end {rest:.1f} s after it")
    assert process.returncode == 0
    assert done < PICTURES
    lines = [line for line in output.read_text().splitlines() if line.startswith("{")]
    assert lines == alone.stdout.splitlines()
