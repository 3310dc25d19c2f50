"""A running Prometheus with the files of deploy/, and queries to it."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"

Ask = Callable[[str], list[Any]]


@contextmanager
def running_prometheus(
    targets: list[int],
    port: int,
    directory: Path,
    *,
    interval: str = "100ms",
    config: Path = DEPLOY / "prometheus.yml",
) -> Iterator[Ask]:
    """Run Prometheus for services on these ports, with a short scrape interval; or skip.

    With a ``config`` that discovers its targets, the first port is that of the discovery.
    Yields a function that returns the rows of a query.
    """
    prometheus = shutil.which("prometheus")
    if prometheus is None:
        pytest.skip("needs prometheus in the PATH: apt install prometheus")
    _write_files(config, targets, directory, interval)
    process = subprocess.Popen(
        [
            prometheus,
            f"--config.file={directory}/prometheus.yml",
            f"--storage.tsdb.path={directory}/data",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stderr=subprocess.DEVNULL,
    )

    def ask(query: str) -> list[Any]:
        query = query.replace("$__rate_interval", "5s")
        query = re.sub(r"\$(job|instance|route|model)", ".*", query)  # all of the dashboard
        answer = client.get("/api/v1/query", params={"query": query}).raise_for_status().json()
        assert answer["status"] == "success", query
        result: list[Any] = answer["data"]["result"]
        return [row for row in result if row["value"][1] != "NaN"]

    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            _wait_until_ready(client)
            yield ask
    finally:
        process.kill()  # its data are not needed again
        process.wait()


def _write_files(path: Path, targets: list[int], directory: Path, interval: str) -> None:
    config = yaml.safe_load(path.read_text())
    config["global"] = {"scrape_interval": interval, "evaluation_interval": interval}
    config["rule_files"] = ["rules.yml"]
    job = config["scrape_configs"][0]
    if "static_configs" in job:
        job["static_configs"] = [{"targets": [f"127.0.0.1:{target}" for target in targets]}]
    for one in job.get("http_sd_configs", []):
        one["url"] = one["url"].replace(":8000/", f":{targets[0]}/")
        one["refresh_interval"] = interval
    (directory / "prometheus.yml").write_text(yaml.safe_dump(config))
    shutil.copy(DEPLOY / "rules.yml", directory)


def _wait_until_ready(client: httpx.Client) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with suppress(httpx.TransportError):
            if client.get("/-/ready").is_success:
                return
        time.sleep(0.02)
    raise AssertionError("Prometheus: expected an answer within 30 s, got none")
