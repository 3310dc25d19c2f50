"""A canary and a shadow in a service of two processes."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.pictures import as_bytes
from tests.support.processes import wait_until
from tests.support.servers import Server, run_to_the_end, serve
from tests.support.versions import save_versions

REQUESTS = 60


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model directory with three versions."""
    return save_versions(tmp_path_factory.mktemp("models"), "1", "2", "3")


@pytest.fixture(scope="module")
def server(directory: Path) -> Iterator[Server]:
    """Return a running service: version 1 is stable, 2 a canary, and 3 a shadow."""
    with serve(
        DIGITS_WORKERS="2",
        DIGITS_WEIGHTS_DIR=str(directory),
        DIGITS_CANARY="cnn:2=0.5",
        DIGITS_SHADOW="cnn:3=1",
    ) as one:
        yield one


def predict(server: Server, request_id: str) -> str:
    """Send a picture on a new connection; return the version in the receipt."""
    headers = {"X-Request-ID": request_id}
    response = httpx.post(f"{server.url}/v1/predictions", content=as_bytes(), headers=headers)
    version: str = response.raise_for_status().json()["model"]["version"]
    return version


def counted(server: Server, name: str) -> dict[str, float]:
    """Return the sums of a counter by version."""
    text = httpx.get(f"{server.url}/metrics").text
    sums: dict[str, float] = {}
    for version, value in re.findall(rf'^{name}{{.*version="(\d)".*}} (\S+)$', text, re.MULTILINE):
        sums[version] = sums.get(version, 0) + float(value)
    return {version: value for version, value in sums.items() if value}


def test_processes_agree_and_are_counted_together(server: Server) -> None:
    """An id has one version in both; the metrics have the receipts, and the stable's shadow."""
    versions = {f"id-{number}": predict(server, f"id-{number}") for number in range(REQUESTS)}
    again = {request_id: predict(server, request_id) for request_id in versions}
    stable = list(again.values()).count("1")

    assert again == versions
    assert set(versions.values()) == {"1", "2"}
    assert counted(server, "digitserve_predictions_total") == {
        "1": 2 * stable,
        "2": 2 * (REQUESTS - stable),
    }
    wait_until(lambda: counted(server, "digitserve_shadow_images_total") == {"3": 2 * stable})


def test_the_stable_version_answers_after_an_unload(directory: Path) -> None:
    """Of the canary and of the shadow, while the service runs; they come back with a load."""
    key = "an-admin-key-of-the-test"
    with serve(
        DIGITS_WEIGHTS_DIR=str(directory),
        DIGITS_CANARY="cnn:2=0.5",
        DIGITS_SHADOW="cnn:3=1",
        DIGITS_ADMIN_KEY=key,
    ) as server:

        def change(version: str, action: str) -> None:
            url = f"{server.url}/v2/repository/models/cnn/versions/{version}/{action}"
            httpx.post(url, headers={"Authorization": f"Bearer {key}"}).raise_for_status()

        ids = [f"id-{number}" for number in range(20)]
        before = [predict(server, one) for one in ids]
        for version in ("2", "3"):
            change(version, "unload")
        without = [predict(server, one) for one in ids]
        wait_until(lambda: "not-loaded" in counted_reasons(server))
        for version in ("2", "3"):
            change(version, "load")
        after = [predict(server, one) for one in ids]
        log = "".join(server.log)

    assert before == after
    assert set(before) == {"1", "2"}
    assert set(without) == {"1"}
    assert log.count("canary is not loaded, the stable version answers") == 1
    assert log.count("shadow cannot predict, its requests are not compared") == 1


def counted_reasons(server: Server) -> set[str]:
    """Return the reasons for which the shadow has skipped images."""
    text = httpx.get(f"{server.url}/metrics").text
    pattern = r'^digitserve_shadow_skipped_images_total{.*reason="([\w-]+)".*} [1-9]'
    return set(re.findall(pattern, text, re.MULTILINE))


@pytest.mark.parametrize("variable", ["DIGITS_CANARY", "DIGITS_SHADOW"])
def test_a_version_that_is_not_there_stops_the_start(directory: Path, variable: str) -> None:
    """The message is one line and has the setting and the versions that there are."""
    done = run_to_the_end(**{"DIGITS_WEIGHTS_DIR": str(directory), variable: "cnn:9=0.5"})

    assert done.returncode == 1
    assert done.stderr == (
        f"digitserve: {variable}: expected one of the versions of cnn, 1, 2, 3, got 9\n"
    )
