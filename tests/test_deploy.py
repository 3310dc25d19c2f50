"""The files in `deploy/` speak of metrics that there are."""

import asyncio
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from app.main import create_app
from app.readiness import Readiness
from app.registry import load_registry
from app.settings import Settings

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
RULES = [
    rule
    for group in yaml.safe_load((DEPLOY / "rules.yml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARD = json.loads((DEPLOY / "grafana" / "digitserve.json").read_text())
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


@pytest.fixture(scope="module")
def metrics() -> str:
    """Return a scrape of a service that has answered a request."""
    settings = Settings()
    registry = load_registry(settings.weights_dir, default=settings.default_model)
    app = create_app(settings, registry, Readiness())

    async def scrape() -> str:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            picture = (ROOT / "docs" / "two.png").read_bytes()
            await client.post("/v1/predictions", content=picture)
            return (await client.get("/metrics")).text

    return asyncio.run(scrape())


def expressions() -> list[str]:
    """Return every query of the rules and the dashboard."""
    queries = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    return [rule["expr"] for rule in RULES] + queries


def test_every_query_asks_for_what_there_is(metrics: str) -> None:
    """Names that begin with digitserve_ are in a scrape; digitserve: ones are recorded."""
    there = set(re.findall(r"^(digitserve_\w+)", metrics, re.MULTILINE))
    recorded = {rule["record"] for rule in RULES if "record" in rule}
    asked = {name for text in expressions() for name in re.findall(r"digitserve[_:][\w:]+", text)}

    assert len(asked) > 10
    assert asked <= there | recorded


def test_every_label_of_a_query_is_there(metrics: str) -> None:
    """What a query selects or adds up by is a label of some metric, or one of Prometheus."""
    there = set(re.findall(r'[{,](\w+)="', metrics)) | {"job", "instance"}
    asked = {
        label
        for text in expressions()
        for labels in re.findall(r"by \(([^)]*)\)", text)
        for label in labels.split(", ")
    }
    asked |= {name for text in expressions() for name in re.findall(r'[{,](\w+)(?:=~?|!=)"', text)}

    assert asked <= there


def test_every_metric_is_explained(metrics: str) -> None:
    """docs/operations.md has a row for each metric, and names no other."""
    there = set(re.findall(r"^# TYPE (\w+)", metrics, re.MULTILINE))
    rows = re.findall(r"^\| `(digitserve_\w+)` \|", OPERATIONS, re.MULTILINE)

    assert set(rows) == there


def test_every_alert_is_explained() -> None:
    """docs/operations.md says what each alert means and what to do."""
    rows = re.findall(r"^\| `(Digitserve\w+)` \|", OPERATIONS, re.MULTILINE)

    assert rows == [rule["alert"] for rule in RULES if "alert" in rule]


def test_compose_mounts_what_there_is() -> None:
    """Each file that a service of compose.yaml mounts exists; the profile is left out."""
    services: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    mounts = [mount for service in services.values() for mount in service.get("volumes", [])]
    default = [name for name, service in services.items() if "profiles" not in service]

    assert default == ["digitserve"]
    assert len(mounts) == 5
    for mount in mounts:
        assert (ROOT / mount.split(":")[0]).is_file(), mount


def test_prometheus_accepts_its_files() -> None:
    """Its own checker finds nothing wrong with configuration and rules."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("needs promtool: apt install prometheus")

    subprocess.run([promtool, "check", "config", DEPLOY / "prometheus.yml"], check=True)
