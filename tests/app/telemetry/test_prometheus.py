"""The exposition in its two formats, Prometheus's text and OpenMetrics."""

from collections.abc import Callable, Iterable

import pytest
from prometheus_client.core import Metric
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from app.inference.readiness import Readiness
from app.inference.registry import Registry
from app.main import create_app
from app.settings import Settings
from tests.app.conftest import Client
from tests.support.pictures import as_bytes

# The library has no types for it.
parse_openmetrics: Callable[[str], Iterable[Metric]] = openmetrics.text_string_to_metric_families

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
TEXT = "text/plain; version=0.0.4; charset=utf-8"

# The Accept header of Prometheus 3.
PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,/;q=0.1"
)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (PROMETHEUS, OPENMETRICS),
        ("application/openmetrics-text", OPENMETRICS),
        ("application/openmetrics-text;q=0.4,text/plain;version=0.0.4;q=0.5", TEXT),
        ("application/openmetrics-text;q=0", TEXT),
        ("application/openmetrics-text;version=nonsense;q=x,text/html;;=", OPENMETRICS),
        ("text/plain", TEXT),
        ("*/*", TEXT),
        ("", TEXT),
    ],
)
def test_the_accept_header_chooses_the_format(client: Client, accept: str, media_type: str) -> None:
    """A scraper gets OpenMetrics if it prefers it, else Prometheus's text format."""
    response = client.get("/metrics", headers={"Accept": accept})

    assert response.headers["Content-Type"] == media_type
    assert response.headers["Vary"] == "Accept"
    assert response.text.endswith("# EOF\n") == (media_type == OPENMETRICS)


def test_openmetrics_is_what_its_parser_reads(registry: Registry, readiness: Readiness) -> None:
    """The strict parser reads every family, and finds the same samples as in the text format."""
    app = create_app(Settings(), registry, readiness)
    app.services.telemetry.start()
    client = Client(app)
    client.post("/v1/predictions", content=as_bytes())
    strict = client.get("/metrics", headers={"Accept": OPENMETRICS}).text
    text = client.get("/metrics").text

    def samples(families: Iterable[Metric]) -> dict[str, float]:
        return {
            f"{one.name}{sorted(one.labels.items())}": one.value
            for family in families
            for one in family.samples
            if one.name.startswith("digitserve_")
        }

    assert "process_resident_memory_bytes" in strict
    found = samples(parse_openmetrics(strict))
    assert found == samples(parse_text(text))
    assert len(found) > 50
