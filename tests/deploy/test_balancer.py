"""Three instances behind HAProxy: the same answers, rollout, killed instance, one Prometheus."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.settings import Settings
from tests.support.instances import CONFIG, Balancer, Instances, balanced
from tests.support.load import Request, send
from tests.support.pictures import as_bytes, encode, two
from tests.support.processes import wait_until
from tests.support.prometheus import running_prometheus
from tests.support.running_load import running_load

KEY = "a-key-of-the-tests"
HEADERS = {"Authorization": f"Bearer {KEY}"}
CLIENTS = 8

SMALL = Request("small", body=as_bytes(), headers=HEADERS)
LARGE = Request("large", body=encode(two(1200).convert("RGB"), "JPEG"), headers=HEADERS)

Stack = tuple[Instances, Balancer]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Return three instances with an API key behind HAProxy."""
    settings = {"DIGITS_API_KEYS": KEY, "DIGITS_WAIT_SECONDS": "9"}
    with balanced(tmp_path_factory.mktemp("haproxy"), **settings) as found:
        yield found


def mixed(number: int) -> Request:
    """Return the request with this number, one in ten large."""
    return SMALL if number % 10 else LARGE


def test_haproxy_accepts_the_configuration() -> None:
    """`haproxy -c` finds no error and no warning in the shipped file."""
    haproxy = shutil.which("haproxy")
    if haproxy is None:
        pytest.skip("needs haproxy in the PATH: apt install haproxy")

    done = subprocess.run(
        [haproxy, "-c", "-f", CONFIG], capture_output=True, text=True, check=False
    )

    assert (done.returncode, "WARNING" in done.stderr) == (0, False)


def test_the_times_of_the_configuration_fit_the_settings() -> None:
    """HAProxy notices the end of an instance within its drain, and lets the service time out."""
    text, settings = CONFIG.read_text(), Settings()
    client = int(re.findall(r"timeout client (\d+)s", text)[0])
    request = int(re.findall(r"timeout http-request (\d+)s", text)[0])
    keep_alive = int(re.findall(r"timeout http-keep-alive (\d+)s", text)[0])
    check = re.findall(r"inter (\d+)ms fastinter (\d+)ms fall (\d+)", text)[0]
    interval, fast, failures = map(int, check)

    noticed = (interval + fast * (failures - 1)) / 1000

    assert 2 * noticed < settings.drain_seconds
    assert min(client, request) > settings.receive_seconds
    assert keep_alive < settings.idle_seconds


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/cnn", "/", "/openapi.json"])
def test_every_instance_has_the_same_etag(stack: Stack, path: str) -> None:
    """A client that gets another instance with its next request still gets 304."""
    instances, balancer = stack
    answers = [httpx.get(url + path, headers=HEADERS) for url in (*instances.urls, balancer.url)]
    tags = {one.headers.get("etag") for one in answers}

    assert [one.status_code for one in answers] == [200] * 4
    assert len(tags) == 1
    if None not in tags:
        conditional = HEADERS | {"If-None-Match": tags.pop() or ""}
        again = [httpx.get(url + path, headers=conditional) for url in instances.urls]
        assert [one.status_code for one in again] == [304] * 3


def test_every_instance_answers_the_same(stack: Stack) -> None:
    """The probabilities are equal, and the id of the caller is in the answer."""
    instances, balancer = stack
    headers = HEADERS | {"X-Request-ID": "mine"}

    answers = [
        httpx.post(f"{url}/v1/predictions", content=SMALL.body, headers=headers)
        for url in (*instances.urls, balancer.url)
    ]

    assert {one.headers["x-request-id"] for one in answers} == {"mine"}
    assert len({one.content for one in answers}) == 1


def test_the_balancer_gives_each_request_an_id(stack: Stack) -> None:
    """Without an id of the caller the balancer makes one, which the service takes over."""
    _, balancer = stack
    ids = [
        httpx.post(f"{balancer.url}/v1/predictions", content=SMALL.body, headers=HEADERS).json()
        for _ in range(3)
    ]

    assert len({one["request_id"] for one in ids}) == 3
    assert all(one["request_id"].count("-") == 4 for one in ids)  # a UUID


def test_every_instance_checks_the_keys(stack: Stack) -> None:
    """Without the key each instance refuses a prediction, and so does the balancer."""
    instances, balancer = stack

    codes = [
        httpx.post(f"{url}/v1/predictions", content=SMALL.body).status_code
        for url in (*instances.urls, balancer.url)
    ]

    assert codes == [401] * 4


def test_one_prometheus_counts_all_instances(stack: Stack, free_port: int, tmp_path: Path) -> None:
    """Each instance answers some requests; the sum over three targets is what was sent."""
    instances, balancer = stack
    query = 'sum by (instance) (digitserve_request_duration_seconds_count{status="200"})'
    total = 300

    with running_prometheus(instances.ports, free_port, tmp_path, interval="500ms") as ask:

        def counts() -> list[int]:
            return [int(float(row["value"][1])) for row in ask(query)]

        wait_until(lambda: bool(ask("sum(up{job='digitserve'}) == 3")), seconds=30)
        before = [_requests(url) for url in instances.urls]
        report = send(balancer, [SMALL] * total, clients=CLIENTS)
        wait_until(lambda: sum(counts()) >= sum(before) + total)
        after = counts()

    shares = [_requests(url) - old for url, old in zip(instances.urls, before, strict=True)]
    assert report.statuses == {200: total}
    assert sum(after) - sum(before) == sum(shares) == total
    assert min(shares) > total / 20  # the quicker ones get more


def test_a_rollout_loses_no_request(stack: Stack) -> None:
    """Under load all three instances are replaced, one after the other: every answer is 200."""
    instances, balancer = stack

    with running_load(balancer, mixed, clients=CLIENTS, pause=0.01) as reports:
        codes = []
        for index in range(3):
            codes.append(instances.stop(index))
            instances.start(index)
            balancer.wait_until(index, "UP")

    print(reports[0])  # noqa: T201
    assert codes == [0, 0, 0]
    assert set(reports[0].statuses) == {200}
    assert reports[0].answers.total() > 100


def test_a_killed_instance_loses_at_most_what_it_had_in_flight(stack: Stack) -> None:
    """Under load one instance gets SIGKILL: only the requests in flight there are lost."""
    instances, balancer = stack

    with running_load(balancer, mixed, clients=CLIENTS) as reports:
        instances.kill(0)
        balancer.wait_until(0, "DOWN")

    statuses = reports[0].statuses
    print(reports[0])  # noqa: T201
    assert statuses[200] > 100
    assert statuses.total() - statuses[200] <= CLIENTS


def _requests(url: str) -> int:
    """Return the number of requests that an instance has answered with 200."""
    pattern = r'^digitserve_request_duration_seconds_count{.*status="200".*} (\S+)$'
    found = re.findall(pattern, httpx.get(f"{url}/metrics").text, re.MULTILINE)
    return int(sum(map(float, found)))
