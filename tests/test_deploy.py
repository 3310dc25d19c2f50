"""The files in `deploy/`: queries use existing metrics and labels, and Prometheus accepts them."""

import asyncio
import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from pydantic import SecretStr

from app.inference.readiness import Readiness
from app.inference.registry import Trials, load_registry
from app.main import create_app
from app.setting_types import VersionShare
from app.settings import Settings
from tests.support.databases import sqlite
from tests.support.prometheus import running_prometheus
from tests.support.servers import serve
from tests.support.versions import save_versions

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
def metrics(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the metrics of a service that has answered one request, with shadow and feedback."""
    directory = save_versions(tmp_path_factory.mktemp("models"), "1", "2")
    url = SecretStr("sqlite:////no/such/folder/feedback.db")
    settings = Settings(weights_dir=directory, shadow=VersionShare("cnn", "2", 1), database_url=url)
    registry = load_registry(directory, trials=Trials(shadow=settings.shadow))
    app = create_app(settings, registry, Readiness())
    app.services.telemetry.start()

    async def scrape() -> str:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            picture = (ROOT / "docs" / "two.png").read_bytes()
            await client.post("/v1/predictions", content=picture)
            return (await client.get("/metrics")).text

    return asyncio.run(scrape())


def expressions() -> list[str]:
    """Return all PromQL queries of the rules and the dashboard."""
    return [rule["expr"] for rule in RULES] + queries()


def queries() -> list[str]:
    """Return all PromQL queries of the dashboard."""
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


def test_every_metric_of_a_query_exists(metrics: str) -> None:
    """Metrics are in a scrape, and digitserve:* series have a recording rule."""
    there = set(re.findall(r"^(\w+)", metrics, re.MULTILINE))
    recorded = {rule["record"] for rule in RULES if "record" in rule}
    pattern = r"(?:digitserve[_:]|process_|python_)[\w:]+"
    asked = {name for text in expressions() for name in re.findall(pattern, text)}

    assert len(asked) > 10
    assert asked <= there | recorded


def test_every_label_of_a_query_exists(metrics: str) -> None:
    """Labels in selectors and `by` clauses are labels of a metric or of Prometheus."""
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
    """docs/operations.md has a row for each metric, and no other row."""
    there = set(re.findall(r"^# TYPE (\w+)", metrics, re.MULTILINE))
    table = OPERATIONS.partition("\n## Metrics")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)

    assert set(rows) == there


def test_every_query_of_the_dashboard_can_be_narrowed_down() -> None:
    """Each takes the chosen job and instance; every variable that is used is defined, and used."""
    defined = [variable["name"] for variable in DASHBOARD["templating"]["list"]]
    sources = {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]}
    used = {name for query in queries() for name in re.findall(r"\$([a-z]\w*)", query)}

    assert all('job=~"$job",instance=~"$instance"' in query for query in queries())
    assert sources == {"${datasource}"}
    assert used | {"datasource"} == set(defined)


def test_every_alert_is_explained() -> None:
    """docs/operations.md has a row for each alert, in order."""
    rows = re.findall(r"^\| `(Digitserve\w+)` \|", OPERATIONS, re.MULTILINE)

    assert rows == [rule["alert"] for rule in RULES if "alert" in rule]


def test_compose_mounts_existing_files() -> None:
    """Every mounted file of compose.yaml exists, and only digitserve starts without a profile."""
    services: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    mounts = [mount for service in services.values() for mount in service.get("volumes", [])]
    default = [name for name, service in services.items() if "profiles" not in service]

    assert default == ["digitserve"]
    assert len(mounts) == 5
    for mount in mounts:
        assert (ROOT / mount.split(":")[0]).is_file(), mount


@pytest.mark.parametrize("file", ["prometheus.yml", "ray/prometheus.yml"])
def test_prometheus_accepts_its_files(file: str) -> None:
    """`promtool check config` accepts the configuration and the rules."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("needs promtool in the PATH: apt install prometheus")

    subprocess.run([promtool, "check", "config", DEPLOY / file], check=True)


SHEETS_TEST = """
rule_files: [RULES]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - series: digitserve_sheet_boxes_bucket{le="0.0"}
        values: 0+EMPTYx120
      - series: digitserve_sheet_boxes_count
        values: 0+PAGESx120
    alert_rule_test:
      - eval_time: 2h
        alertname: DigitserveFindsNoBoxes
        exp_alerts: ALERTS
"""

ABSTAIN_TEST = """
rule_files: [RULES]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - series: digitserve_predictions_total
        values: 0+100x120
      - series: digitserve_abstentions_total{reason="blank"}
        values: 0+80x120
      - series: digitserve_abstentions_total{reason="ambiguous"}
        values: 0+5x120
    promql_expr_test:
      - expr: round(digitserve:abstain:ratio1h, 0.001)
        eval_time: 2h
        exp_samples: [{labels: '{}', value: 0.25}]
"""


def check_rules(directory: Path, text: str) -> None:
    """Run a test of the rules with promtool."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("needs promtool in the PATH: apt install prometheus")
    file = directory / "test.yml"
    file.write_text(text.replace("RULES", str(DEPLOY / "rules.yml")))
    command = [promtool, "test", "rules", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def check_alert(directory: Path, text: str, summary: str | None, **labels: str) -> None:
    """Run a test of a warning with promtool; it fires with a summary, or not at all if None."""
    alert = {
        "exp_labels": {"severity": "warning", **labels},
        "exp_annotations": {"summary": summary},
    }
    check_rules(directory, text.replace("ALERTS", json.dumps([alert] if summary else [])))


def test_blank_boxes_are_no_abstentions_of_the_alert(tmp_path: Path) -> None:
    """A form has many of them: the ratio is that of the other pictures."""
    check_rules(tmp_path, ABSTAIN_TEST)


@pytest.mark.parametrize(
    ("pages", "empty", "fires"), [(2, 2, True), (4, 1, False), (0.2, 0.2, False)]
)
def test_the_alert_of_sheets_without_boxes_fires(
    tmp_path: Path, pages: float, empty: float, fires: bool
) -> None:
    """If it is more than half of the pages, and these are not few."""
    summary = "No box was found on more than half of the pages of sheets"
    text = SHEETS_TEST.replace("EMPTY", str(empty)).replace("PAGES", str(pages))

    check_alert(tmp_path, text, summary if fires else None)


SHADOW_TEST = """
rule_files: [RULES]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - series: digitserve_shadow_images_total{model="cnn", version="2"}
        values: 0+IMAGESx120
      - series: digitserve_shadow_disagreements_total{model="cnn", version="2", kind="digit"}
        values: 0+DIGITSx120
      - series: digitserve_shadow_disagreements_total{model="cnn", version="2", kind="decision"}
        values: 0+0x120
    alert_rule_test:
      - eval_time: 2h
        alertname: DigitserveShadowDisagrees
        exp_alerts: ALERTS
"""


@pytest.mark.parametrize(
    ("images", "digits", "fires"), [(100, 3, True), (100, 1, False), (1, 1, False)]
)
def test_the_alert_of_the_shadow_fires(
    tmp_path: Path, images: int, digits: int, fires: bool
) -> None:
    """Above 2 % of the images, for the kind that disagrees, if there were enough images."""
    labels = {"model": "cnn", "version": "2", "kind": "digit"}
    summary = f"cnn 2 has another digit for {digits}% of the images"
    text = SHADOW_TEST.replace("IMAGES", str(images)).replace("DIGITS", str(digits))

    check_alert(tmp_path, text, summary if fires else None, **labels)


FEEDBACK_TEST = """
rule_files: [RULES]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - series: digitserve_feedback_total{model="cnn", version="5", digit="1", correct="yes"}
        values: 0+RIGHTx120
      - series: digitserve_feedback_total{model="cnn", version="5", digit="1", correct="no"}
        values: 0+WRONGx120
    alert_rule_test:
      - eval_time: 2h
        alertname: DigitserveFieldAccuracy
        exp_alerts: ALERTS
"""


@pytest.mark.parametrize(
    ("right", "wrong", "fires"), [("8", "2", True), ("19", "1", False), ("0.08", "0.02", False)]
)
def test_the_alert_of_the_accuracy_in_the_field_fires(
    tmp_path: Path, right: str, wrong: str, fires: bool
) -> None:
    """Below 90 % of the labels of a day, if there were enough."""
    labels = {"model": "cnn", "version": "5"}
    summary = "cnn 5 is right for 80% of the pictures with feedback"
    text = FEEDBACK_TEST.replace("RIGHT", right).replace("WRONG", wrong)

    check_alert(tmp_path, text, summary if fires else None, **labels)


def test_every_panel_has_data(free_port: int, tmp_path: Path) -> None:
    """A running Prometheus scrapes the service and has data for every query of the dashboard."""
    # No data is right for alerts, which do not fire, and for a comparison with yesterday.
    quiet = {rule["expr"] for rule in RULES if "alert" in rule}
    quiet |= {query for query in expressions() if "offset 1d" in query}
    directory = str(save_versions(tmp_path, "1", "2", noise=1))
    with (
        serve(
            DIGITS_WORKERS="2",
            DIGITS_WEIGHTS_DIR=directory,
            DIGITS_SHADOW="cnn:2=1",
            DIGITS_DATABASE_URL=sqlite(tmp_path),
        ) as server,
        running_prometheus([server.port], free_port, tmp_path) as ask,
    ):
        # One scrape of a busy machine may take longer than its second: then the next one counts.
        empty = {query for query in expressions() if query not in quiet} | {f"{UP} == 1"}
        end = time.monotonic() + 60
        while empty and time.monotonic() < end:  # rates need several scrapes
            for digit in ("2", "3"):
                fields: dict[str, Any] = {"image": PICTURE, "digit": (None, digit)}
                httpx.post(f"{server.url}/v1/feedback", files=fields)
            httpx.post(f"{server.url}/v1/sheets", content=PICTURE)
            for content in (PICTURE, b"no picture", PICTURE[:60]):
                httpx.post(f"{server.url}/v1/predictions", content=content)
            empty = {query for query in empty if not ask(query)}
            time.sleep(0.2)  # a fifth of the time between two scrapes
        targets = ask(UP)

    assert empty == set()
    assert len(targets) == 1


UP = "up{job='digitserve'}"
PICTURE = (ROOT / "docs" / "two.png").read_bytes()
