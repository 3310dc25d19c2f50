"""The service on a Ray cluster of two nodes: the same answers, from both nodes, counted."""

import os
import signal
import time
from pathlib import Path

import httpx
from PIL import Image

from tests.deploy.ray.client import HEADERS, REQUEST, post
from tests.deploy.ray.cluster import DEPLOY, REPLICA, TwoNodes
from tests.support.load import Request, send
from tests.support.pictures import as_bytes, encode, two
from tests.support.processes import children_of, state, threads, wait_until
from tests.support.prometheus import running_prometheus
from tests.support.servers import serve
from tests.support.uploads import uploads

# Both replicas have 64 slots each.
CLIENTS = 300


def test_answers_are_those_of_the_plain_service(cluster: TwoNodes) -> None:
    """Probabilities to the last digit, problems and headers."""
    pictures = [encode(Image.fromarray(pixels)) for _, pixels in uploads()]
    with serve(OPENBLAS_NUM_THREADS="1", DIGITS_DECODE_SECONDS="30") as server:
        for body in (*pictures, b"text", b""):
            plain = post(server.port, body)
            on_ray = post(cluster.port, body)

            assert on_ray == plain


def test_decoders_have_no_threads_of_ray(cluster: TwoNodes) -> None:
    """They would end the decoder with an error soon after its start, and the upload gets 422."""
    photo = encode(two(600).convert("RGB"), "JPEG")
    seen: set[int] = set()
    for _ in range(60):
        assert post(cluster.port, photo)[0] == 200
        decoders = {one for pid in cluster.actors(REPLICA, alive=True) for one in children_of(pid)}
        assert {threads(one) for one in decoders} == {1}
        seen |= decoders
        _kill(decoders)

    assert len(seen) >= 60


def test_a_response_has_one_request_id(cluster: TwoNodes) -> None:
    """The caller's, in the header and in the body."""
    response = httpx.post(
        f"http://127.0.0.1:{cluster.port}/v1/predictions",
        content=as_bytes(),
        headers=HEADERS | {"X-Request-ID": "mine"},
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
        assert post(cluster.port, as_bytes())[0] == 200
    wait_until(lambda: (cluster.predictions() - before).total() == 120)
    shares = cluster.predictions() - before

    assert len(set(nodes.values())) == 2
    assert set(shares) == set(nodes)
    assert min(shares.values()) >= 40


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


def test_haproxy_has_metrics(cluster: TwoNodes) -> None:
    """They are at a port of their own, also without Ray's metrics of HAProxy."""
    port = os.environ["RAY_SERVE_HAPROXY_METRICS_PORT"]

    metrics = httpx.get(f"http://127.0.0.1:{port}/metrics").text

    assert "haproxy_backend_http_requests_total" in metrics


def test_a_full_replica_refuses_before_ray_does(cluster: TwoNodes) -> None:
    """More requests than there are slots: the rest gets the service's 429, and none Ray's 503."""
    photo = encode(two(3000).convert("RGB"), "JPEG")
    requests = [Request("photo", body=photo, headers=HEADERS)] * CLIENTS

    report = send(cluster, requests, clients=CLIENTS)

    assert set(report.statuses) == {200, 429}


def _kill(decoders: set[int]) -> None:
    for one in decoders:
        os.kill(one, signal.SIGKILL)
    wait_until(lambda: not any(map(state, decoders)))


def _both_have_answered(cluster: TwoNodes, replicas: set[int]) -> bool:
    post(cluster.port, as_bytes())
    counts = cluster.predictions()
    return all(counts[one] for one in replicas)
