"""The shadow: which requests it predicts, what it counts, and what it costs the others."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from unittest.mock import patch

import numpy as np
import pytest
from PIL import Image
from structlog.testing import capture_logs

from app.inference import shadow as module
from app.inference.readiness import Readiness
from app.inference.registry import LoadedModel, ModelVersions, Registry, load_registry
from app.inference.shadow import MAX_WAITING, Shadow, SkipReason
from app.inference.types import PredictionResult, Preparation
from app.main import create_app
from app.setting_types import VersionShare
from app.settings import Settings
from model_core.abstention import Reason
from model_core.classifier import BatchPrediction, Classifier, Prediction
from model_core.parameter import Array
from tests.support.pictures import as_bytes, encode
from tests.support.versions import save_versions

RNG = np.random.default_rng(7)
PICTURES = [encode(Image.fromarray(RNG.integers(0, 256, (28, 28), np.uint8))) for _ in range(20)]
PICTURES += [as_bytes(28 + number) for number in range(5)]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """Return a registry of two versions that often disagree; the first one is stable."""
    directory = tmp_path_factory.mktemp("models")
    return load_registry(save_versions(directory, "1", "2", noise=1, labels={"stable": "1"}))


@dataclass
class Observer:
    """What the shadow has counted."""

    compared: Counter[int] = field(default_factory=Counter)
    digits: Counter[int] = field(default_factory=Counter)
    decisions: Counter[int] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)

    def count_compared(self, digit: int, *, same_digit: bool, same_decision: bool) -> None:
        """Count a compared image."""
        self.compared[digit] += 1
        self.digits[digit] += not same_digit
        self.decisions[digit] += not same_decision

    def count_skipped(self, reason: SkipReason, images: int) -> None:
        """Count skipped images."""
        self.skipped[reason] += images

    @property
    def finished(self) -> int:
        """Return the number of images that the shadow is done with."""
        return self.compared.total() + self.skipped.total()


def predict(registry: Registry, pictures: list[bytes]) -> list[PredictionResult]:
    """Return the results of the stable version for pictures, from the service."""
    app = create_app(Settings(), registry, Readiness())
    service = app.services.predictions
    model, preparation = registry.default, Preparation()

    async def ask() -> list[PredictionResult]:
        outcomes = await service.predict_batch(pictures, model, preparation=preparation)
        return [one for one in outcomes if isinstance(one, PredictionResult)]

    results = asyncio.run(ask())
    service.stop()
    return results


def offer(
    registry: Registry,
    model: LoadedModel,
    requests: list[list[PredictionResult]],
    *,
    share: float = 1,
    wait: bool = True,
) -> Observer:
    """Offer requests to a shadow at once, and wait until it has compared them."""
    observer = Observer()
    shadow = Shadow(registry, VersionShare("cnn", "2", share), observer)

    async def run() -> None:
        for results in requests:
            shadow.offer(model, results)
        async with asyncio.timeout(20):
            while shadow.is_busy:
                await asyncio.sleep(0.001)

    asyncio.run(run())
    return observer


@pytest.fixture(scope="module")
def results(registry: Registry) -> list[PredictionResult]:
    """Return results of the stable version."""
    return predict(registry, PICTURES)


def test_disagreements_are_counted_by_digit_and_decision(
    registry: Registry, results: list[PredictionResult]
) -> None:
    """They are those of the two versions for the same inputs, under the digit of the answer.

    The digits of blank images mean nothing and are not compared.
    """
    inputs = np.array([one.model_input for one in results])
    trust = [one.normalised.trust for one in results]
    ours, theirs = (
        registry.get("cnn", version).classifier.predict(inputs, trust) for version in ("1", "2")
    )
    pairs = list(zip(ours, theirs, strict=True))

    observer = offer(registry, registry.default, [[one] for one in results])

    assert observer.compared == Counter(one.digit for one in ours)
    others = [(a, b) for a, b in pairs if a.reason != "blank"]
    assert +observer.digits == Counter(a.digit for a, b in others if a.digit != b.digit)
    assert +observer.decisions == Counter(a.digit for a, b in pairs if a.decision != b.decision)
    assert observer.digits.total() > 3
    assert observer.decisions.total() > 0


@pytest.mark.parametrize("threshold", [None, 0, 1])
@pytest.mark.parametrize("batch", [False, True])
def test_the_service_offers_what_it_answers(
    registry: Registry, threshold: float | None, batch: bool
) -> None:
    """Single requests and batches; the decision is compared before the caller's threshold."""
    app = create_app(Settings(shadow=VersionShare("cnn", "1", 1)), registry, Readiness())
    service, observer = app.services.predictions, Observer()
    shadow = Shadow(registry, VersionShare("cnn", "1", 1), observer)  # the same version: it agrees

    async def ask() -> None:
        model, plain = registry.default, Preparation()
        with patch.object(service, "_shadow", shadow):
            if batch:
                await service.predict_batch(PICTURES, model, preparation=plain, threshold=threshold)
            else:
                for picture in PICTURES:
                    await service.predict(picture, model, preparation=plain, threshold=threshold)
        async with asyncio.timeout(20):
            while shadow.is_busy:
                await asyncio.sleep(0.001)

    asyncio.run(ask())
    service.stop()

    assert observer.compared.total() == len(PICTURES)
    assert observer.digits.total() == observer.decisions.total() == 0


@pytest.mark.parametrize("rows", [1, 40])
def test_tensors_are_compared_too(registry: Registry, rows: int) -> None:
    """The rows of the Open Inference Protocol's input `image`, in one pass or several."""
    service = create_app(Settings(), registry, Readiness()).services.predictions
    images, observer = RNG.random((rows, 14, 14), np.float32), Observer()
    shadow = Shadow(registry, VersionShare("cnn", "2", 1), observer)
    ours, theirs = (
        registry.get("cnn", version).classifier.predict(images) for version in ("1", "2")
    )

    async def ask() -> None:
        with patch.object(service, "_shadow", shadow):
            await service.predict_tensor(images, registry.default)
        async with asyncio.timeout(20):
            while shadow.is_busy:
                await asyncio.sleep(0.001)

    asyncio.run(ask())

    assert observer.compared == Counter(one.digit for one in ours)
    pairs = zip(ours, theirs, strict=True)
    others = [(a, b) for a, b in pairs if a.reason != "blank"]
    assert +observer.digits == Counter(a.digit for a, b in others if a.digit != b.digit)


def test_a_tensor_does_not_overflow_the_queue(registry: Registry) -> None:
    """Its further rows are counted as skipped."""
    images, observer = RNG.random((MAX_WAITING + 5, 14, 14), np.float32), Observer()
    rows = registry.default.classifier.predict(images)
    shadow = Shadow(registry, VersionShare("cnn", "2", 1), observer)

    async def waiting() -> int:
        shadow.offer_tensor(registry.default, images, BatchPrediction.of_rows(rows, 5))
        return len(shadow.waiting)

    assert asyncio.run(waiting()) == MAX_WAITING
    assert observer.skipped == {"queue-full": 5}


def test_a_share_of_the_requests_is_sampled(
    registry: Registry, results: list[PredictionResult]
) -> None:
    """A quarter of 400 requests within four standard deviations; a request is taken as a whole."""
    observer = offer(registry, registry.default, [results[:2]] * 400, share=0.25)

    assert abs(observer.finished / 2 - 100) < 4 * (400 * 0.25 * 0.75) ** 0.5
    assert observer.finished % 2 == 0


def test_only_answers_of_the_stable_version_are_compared(
    registry: Registry, results: list[PredictionResult]
) -> None:
    """Not those of the version itself, and not those of another model."""
    other = replace(registry.default, name="dnn")

    for model in (registry.get("cnn", "2"), other):
        assert offer(registry, model, [results]).finished == 0


def test_the_queue_is_bounded(registry: Registry, results: list[PredictionResult]) -> None:
    """Images that come while it is full are counted as skipped; a batch fills it up to the end."""
    observer = offer(registry, registry.default, [results] * 50)

    assert observer.compared.total() == MAX_WAITING
    assert observer.skipped == {"queue-full": 50 * len(results) - MAX_WAITING}


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.0005, [16, 9]), (0.002, [16, 8, 1])], ids=["in time", "late"]
)
def test_a_pass_is_short(
    registry: Registry, results: list[PredictionResult], seconds: float, expected: list[int]
) -> None:
    """A pass that blocks the event loop for more than a millisecond halves the next one."""
    sizes: list[int] = []
    usual = Classifier.predict

    def watched(self: Classifier, images: Array, trust: Sequence[float]) -> list[Prediction]:
        sizes.append(len(images))
        return usual(self, images, trust)

    with (
        patch.object(Classifier, "predict", watched),
        patch.object(module, "thread_time", count(step=seconds).__next__),
    ):
        offer(registry, registry.default, [results])

    assert sizes == expected


def test_a_version_that_has_gone_is_skipped(
    registry: Registry, results: list[PredictionResult]
) -> None:
    """The log says so once; it is compared again when it comes back."""
    first = registry.default
    changing = Registry({"cnn": ModelVersions((first,), first)}, default="cnn")
    observer = Observer()
    shadow = Shadow(changing, VersionShare("cnn", "2", 1), observer)

    async def run() -> None:
        for models in (changing.models, registry.models):
            changing.switch(models)
            shadow.offer(first, results)
            async with asyncio.timeout(20):
                while shadow.is_busy:
                    await asyncio.sleep(0.001)

    with capture_logs() as lines:
        asyncio.run(run())

    assert observer.skipped == {"not-loaded": len(results)}
    assert observer.compared.total() == len(results)
    assert lines == [
        {
            "event": "shadow cannot predict, its requests are not compared",
            "log_level": "warning",
            "model": "cnn",
            "version": "2",
            "reason": "not-loaded",
        }
    ]


def test_a_model_that_has_gone_is_not_compared(
    registry: Registry, results: list[PredictionResult]
) -> None:
    """A request that holds a version of it is answered as without the shadow."""
    other = replace(registry.default, name="dnn")
    changed = Registry({"dnn": ModelVersions((other,), other)}, default="dnn")

    assert offer(changed, registry.default, [results]).finished == 0


def test_a_shadow_that_fails_fails_alone(
    registry: Registry, results: list[PredictionResult]
) -> None:
    """Its images are counted as skipped, and the log has the reason once."""
    with capture_logs() as lines, patch.object(Classifier, "predict", side_effect=ValueError("no")):
        observer = offer(registry, registry.default, [results])

    assert observer.skipped == {"failed": len(results)}
    [line] = lines
    assert (line["reason"], line["problem"]) == ("failed", "ValueError('no')")


@pytest.mark.parametrize(("reason", "disagreements"), [("blank", 0), ("ambiguous", 1)])
def test_the_digit_of_a_blank_image_is_not_compared(
    registry: Registry, reason: Reason, disagreements: int
) -> None:
    """It means nothing; the decision is compared."""
    [blank] = predict(registry, [encode(Image.new("L", (28, 28), 255))])
    digit = (blank.prediction.digit + 1) % 5
    answer = replace(blank.prediction, reason=reason, digit=digit)

    observer = offer(registry, registry.default, [[replace(blank, prediction=answer)]])

    assert observer.compared == {digit: 1}
    assert observer.digits.total() == disagreements
    assert observer.decisions.total() == 0


def test_a_waiting_image_keeps_no_other_in_memory(
    registry: Registry, results: list[PredictionResult]
) -> None:
    """A model input is a view of its whole pass; the queue has a copy."""
    shadow = Shadow(registry, VersionShare("cnn", "2", 1), Observer())

    async def waiting() -> list[Array]:
        shadow.offer(registry.default, results[:1])
        return [sample.model_input for sample in shadow.waiting]

    [image] = asyncio.run(waiting())

    assert image.base is None
