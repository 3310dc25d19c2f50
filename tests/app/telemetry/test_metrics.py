"""How requests are counted: what `/metrics` shows of those served in this process."""

import asyncio
from functools import partial
from pathlib import Path

import httpx
import pytest
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from app.feedback.types import Label
from app.inference.readiness import Readiness
from app.inference.registry import ModelVersions, Registry, load_registry
from app.inference.sheets.types import PageMap, PagePrediction
from app.inference.types import Preparation
from app.main import create_app
from app.middleware.gateway import Gateway
from app.setting_types import VersionShare
from app.settings import Settings
from tests.app.conftest import Client
from tests.app.feedback.pictures import ANSWER
from tests.support.pictures import as_bytes, encode
from tests.support.tensors import image_tensor, json_request, model_input
from tests.support.versions import save_versions

PNG = as_bytes()
BLANK = encode(Image.new("L", (28, 28), 255))


def scrape(client: Client) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return every sample of a scrape, by its name and labels."""
    text = client.get("/metrics").text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


class Scrape:
    """The samples of one scrape."""

    def __init__(self, client: Client) -> None:
        self._samples = scrape(client)
        self._registry = client.app.services.registry

    def value(self, name: str, **labels: str) -> float:
        """Return a sample, of a model's stable version by default; what never happened is 0."""
        if "model" in labels:
            labels = {"version": self._registry.get(labels["model"]).version} | labels
        return self._samples.get((f"digitserve_{name}", frozenset(labels.items())), 0.0)

    def routes(self) -> set[str]:
        """Return the routes of which requests are counted."""
        return {
            dict(labels)["route"]
            for name, labels in self._samples
            if name == "digitserve_request_duration_seconds_count"
        }


def test_an_answer_is_counted(client: Client) -> None:
    """By route and status, model, digit and decision; each stage, the confidence, the input."""
    response = client.post("/v1/predictions", content=as_bytes())
    after = Scrape(client)

    requests = {"route": "/v1/predictions", "status": "200"}
    assert after.value("request_duration_seconds_count", **requests) == 1
    assert after.value("predictions_total", model="cnn", digit="2", decision="accept") == 1
    for stage in ("decode", "preprocess", "inference"):
        labels = {"stage": stage, "model": "cnn"}
        assert after.value("stage_duration_seconds_count", **labels) == 1
        assert after.value("stage_duration_seconds_sum", **labels) > 0
    confidence = after.value("confidence_sum", model="cnn")
    assert confidence == pytest.approx(response.json()["confidence"])


def test_the_rows_of_a_tensor_are_counted(client: Client) -> None:
    """As predictions with confidence and ink; nothing was decoded or preprocessed."""
    answer = client.post("/v2/models/cnn/infer", content=json_request(image_tensor(3)))
    probabilities = answer.json()["outputs"][0]["data"]
    after = Scrape(client)

    requests = {"route": "/v2/models/{name}/infer", "status": "200"}
    assert after.value("request_duration_seconds_count", **requests) == 1
    assert after.value("predictions_total", model="cnn", digit="2", decision="accept") == 3
    inference = {"stage": "inference", "model": "cnn"}
    assert after.value("stage_duration_seconds_count", **inference) == 1
    assert after.value("stage_duration_seconds_sum", **inference) > 0
    assert after.value("stage_duration_seconds_count", stage="decode", model="cnn") == 0
    assert after.value("confidence_count", model="cnn") == 3
    assert after.value("confidence_sum", model="cnn") == pytest.approx(3 * max(probabilities))
    assert after.value("input_ink_share_count") == 3
    assert after.value("input_ink_share_sum") == pytest.approx(3 * model_input().mean())
    assert after.value("input_pixels_count") == 0


def test_what_was_sent_and_seen_is_measured(client: Client) -> None:
    """Width times height as sent, and the mean of what the model saw."""
    answer = client.post("/v1/predictions?include=input", content=as_bytes()).json()
    after = Scrape(client)

    pixels = [grey for row in answer["input"]["pixels"] for grey in row]
    assert after.value("input_pixels_sum") == 28 * 28
    assert after.value("input_ink_share_sum") == pytest.approx(sum(pixels) / len(pixels))


def test_a_value_is_in_its_bucket_and_all_above(client: Client) -> None:
    """Buckets are cumulative: 784 pixels are at most 784, not at most 196."""
    client.post("/v1/predictions", content=as_bytes())
    after = Scrape(client)

    buckets = [after.value("input_pixels_bucket", le=le) for le in ("196.0", "784.0", "+Inf")]
    assert buckets == [0, 1, 1]


def test_refused_uploads_are_counted_by_reason(client: Client) -> None:
    """Alone or in a batch, before the body or after it."""
    client.post("/v1/predictions", content=b"%PDF")
    client.post("/v1/predictions/batch", files=[("images", as_bytes()), ("images", b"%PDF")])
    client.post("/v1/predictions", content=bytes(200_001))
    after = Scrape(client)

    assert after.value("rejected_uploads_total", reason="unsupported-image") == 2
    assert after.value("rejected_uploads_total", reason="body-too-large") == 1
    assert after.value("predictions_total", model="cnn", digit="2", decision="accept") == 1


def test_probes_are_not_counted_and_unknown_paths_have_one_label(client: Client) -> None:
    """No caller makes up labels; HEAD counts with GET; probes and scrapes leave no trace."""
    for path in ("/healthz", "/readyz", "/metrics", "/a", "/b", "/v1/models/cnn"):
        client.get(path)
    client.request("HEAD", "/v1/models/dnn")
    after = Scrape(client)

    assert after.routes() == {"other", "/v1/models/{name}"}
    count = "request_duration_seconds_count"
    assert after.value(count, route="other", status="404") == 2
    assert after.value(count, route="/v1/models/{name}", status="200") == 2


def test_versions_are_counted_separately(tmp_path: Path, readiness: Readiness) -> None:
    """Also one that is loaded while the service runs; digits of a version have zeros before."""
    both = load_registry(save_versions(tmp_path, "1", "2"))
    first = both.versions("cnn")[0]
    registry = Registry({"cnn": ModelVersions((first,), first)}, default="cnn")
    client = Client(create_app(Settings(), registry, readiness))
    before = client.get("/metrics").text

    registry.switch(both.models)
    for version in ("1", "2", "2"):
        client.post(f"/v1/predictions?version={version}", content=PNG)
    after = Scrape(client)

    zero = 'digitserve_predictions_total{decision="accept",digit="4",model="cnn",version="1"} 0.0'
    assert zero in before
    assert 'version="2"' not in before
    for version, count in (("1", 1), ("2", 2)):
        labels = {"model": "cnn", "version": version}
        assert after.value("predictions_total", digit="2", decision="accept", **labels) == count
        assert after.value("confidence_count", **labels) == count
        assert after.value("stage_duration_seconds_count", stage="inference", **labels) == count


def test_stages_are_told_apart_by_model(client: Client) -> None:
    """The time of each model's pass is its own."""
    client.post("/v1/predictions", content=as_bytes(), params={"model": "dnn"})
    after = Scrape(client)

    counts = {
        model: after.value("stage_duration_seconds_count", stage="inference", model=model)
        for model in ("cnn", "dnn")
    }
    assert counts == {"cnn": 0, "dnn": 1}


def test_the_wait_for_admission_is_measured(registry: Registry, readiness: Readiness) -> None:
    """One request of two has the only slot; the other waits for it, longer than 0."""
    app = create_app(Settings(max_concurrent=1, wait_seconds=30), registry, readiness)

    after = ask_twice(app, PNG)

    assert after.value("admission_wait_seconds_bucket", le="0.0") == 1
    assert after.value("admission_wait_seconds_count") == 2
    assert after.value("admission_wait_seconds_sum") > 0
    assert after.value("decoder_wait_seconds_count") == 0


def test_the_wait_for_the_decoder_is_measured(registry: Registry, readiness: Readiness) -> None:
    """One large image of two is in the decoder process; the other waits for it."""
    after = ask_twice(create_app(Settings(), registry, readiness), as_bytes(1000))

    assert after.value("decoder_wait_seconds_bucket", le="0.0") == 1
    assert after.value("decoder_wait_seconds_count") == 2
    assert after.value("decoder_wait_seconds_sum") > 0


def ask_twice(app: Gateway, body: bytes) -> Scrape:
    """Send two requests at once; return a scrape after both."""

    async def ask() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as both:
            await asyncio.gather(*(both.post("/v1/predictions", content=body) for _ in range(2)))
        app.services.predictions.stop()

    asyncio.run(ask())
    return Scrape(Client(app))


def test_every_metric_is_updated(tmp_path: Path, readiness: Readiness) -> None:
    """After one event of each kind, only the requests in flight and the problems are 0."""
    registry = load_registry(save_versions(tmp_path, "1", "2", labels={"stable": "1"}))
    shadow = VersionShare("cnn", "2", 1)
    url = SecretStr(f"sqlite:///{tmp_path / 'feedback.db'}")
    settings = Settings(
        max_concurrent=1, wait_seconds=0, decode_seconds=1e-6, shadow=shadow, database_url=url
    )
    app = create_app(settings, registry, readiness)
    app.services.telemetry.start()
    client = Client(app)

    bodies = PNG, BLANK, b"%PDF", as_bytes(300)
    statuses = [client.post("/v1/predictions", content=one).status_code for one in bodies]
    predict = partial(app.services.predictions.predict, model=registry.get("cnn"))
    result = asyncio.run(predict(PNG, preparation=Preparation(True, "0")))
    assert app.services.predictions.admission.try_acquire()
    statuses.append(client.post("/v1/predictions", content=PNG).status_code)
    app.services.telemetry.connection_closed("no-request")
    app.services.telemetry.metrics.count_lost_lines(1, "buffer-full")
    app.services.telemetry.metrics.count_loads("success", 1)
    app.services.telemetry.metrics.shadow.count_compared(2, same_digit=False, same_decision=False)
    app.services.telemetry.metrics.shadow.count_skipped("queue-full", 1)
    app.services.telemetry.metrics.feedback.count(ANSWER, Label(1))
    app.services.telemetry.metrics.feedback.count_fault("gone")
    page = PageMap(1, 9, 9, (1.0,) * 9, (), (), 0.0, 0.1, 0.1, 0.1)
    app.services.telemetry.metrics.sheets.count([PagePrediction(page, [result])])
    families = list(text_string_to_metric_families(client.get("/metrics").text))
    ours = [family for family in families if family.name.startswith("digitserve_")]
    zero = [one.name for one in ours if not any(sample.value for sample in one.samples)]

    assert statuses in ([200, 200, 415, late, 429] for late in (422, 429))  # 429 on a busy machine
    assert zero == ["digitserve_requests_in_flight", "digitserve_model_load_problems"]


def test_nothing_is_in_flight_afterwards(client: Client) -> None:
    """Whatever happens, the gauge goes back to 0."""
    client.post("/v1/predictions", content=b"%PDF")

    assert Scrape(client).value("requests_in_flight") == 0


def test_models_and_build_are_named(client: Client) -> None:
    """Version of the service; version and SHA-256 of each model."""
    text = client.get("/metrics").text

    for model in client.get("/v1/models").json()["models"]:
        labels = f'model="{model["name"]}",role="stable",sha256="{model["sha256"]}"'
        assert f'digitserve_model_info{{{labels},version="{model["version"]}",worker="0"}}' in text
    assert 'digitserve_build_info{version="' in text
