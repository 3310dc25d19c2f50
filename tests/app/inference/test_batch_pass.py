"""A pass through the network: uploads and tensors are predicted together."""

import asyncio
from unittest.mock import Mock

import numpy as np
import pytest

from app.inference.admission import AdmissionQueue
from app.inference.batch_pass import run_pass
from app.inference.batcher import MAX_BATCH, MicroBatcher
from app.inference.caller import AbandonedError
from app.inference.pipeline import Pipeline
from app.inference.registry import LoadedModel, Registry
from app.inference.service import PredictionService
from app.inference.types import NormalisedUpload, PredictionResult, TensorResult
from model_core.preprocessing import NormalisedImage, downsample
from tests.support.tensors import image_tensor

RNG = np.random.default_rng(1)


def upload() -> NormalisedUpload:
    """Return a random image in MNIST's format of little trust."""
    pixels = RNG.integers(0, 256, (28, 28), np.uint8)
    return NormalisedUpload(NormalisedImage(pixels, (), trust=0.5), 784, 0.0, 0.0, 0.0)


def seen(*uploads: NormalisedUpload) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Return uploads as the model's input."""
    return downsample(np.array([one.normalised.pixels for one in uploads]))


def test_uploads_and_tensors_share_a_pass(registry: Registry) -> None:
    """Each request gets its own rows, as if it were alone; a tensor is trusted."""
    classifier = registry.default.classifier
    first, second, third = upload(), upload(), upload()
    tensors = [seen(upload(), upload()), np.asarray(image_tensor(3).values)]

    one, two, three, four = run_pass([[first], tensors[0], [second, third], tensors[1]], classifier)

    assert isinstance(one, list)
    assert isinstance(three, list)
    assert [result.upload for result in one + three] == [first, second, third]
    for result in one + three:
        [expected] = classifier.predict(seen(result.upload), [0.5])
        assert result.prediction.probabilities == pytest.approx(expected.probabilities, abs=1e-6)
        assert result.prediction.reason == expected.reason
        assert result.ink_share == pytest.approx(result.model_input.mean())
    for got, images in ((two, tensors[0]), (four, tensors[1])):
        assert isinstance(got, TensorResult)
        rows = classifier.predict(images)
        assert got.batch.digits == [row.digit for row in rows]
        assert got.batch.reasons == [row.reason for row in rows]
        assert got.batch.probabilities == pytest.approx(
            np.array([row.probabilities for row in rows]), abs=1e-6
        )
        assert got.ink_shares == pytest.approx(images.mean(axis=(1, 2)))
    assert isinstance(two, TensorResult)
    assert two.inference_seconds == pytest.approx(2 * one[0].inference_seconds)


def service(registry: Registry) -> tuple[PredictionService, LoadedModel, Mock]:
    """Return a service with one slot, its model, and the classifier that counts passes."""
    default = registry.default
    classifier = Mock(wraps=default.classifier)
    model = LoadedModel("x", "1", default.pretrained, MicroBatcher(classifier))
    return PredictionService(registry, Mock(spec=Pipeline), AdmissionQueue(1, 1)), model, classifier


def test_a_large_tensor_takes_several_passes(registry: Registry) -> None:
    """Other work takes place between them, and a small request shares one."""
    predictions, model, classifier = service(registry)
    images = np.asarray(image_tensor(2 * MAX_BATCH + 5).values)
    order: list[str] = []

    async def large() -> TensorResult:
        result = await predictions.predict_tensor(images, model)
        order.append("large")
        return result

    async def small() -> PredictionResult:
        [result] = await model.batcher.predict([upload()])
        order.append("small")
        return result

    async def ask() -> TensorResult:
        result, _ = await asyncio.gather(large(), small())
        return result

    result = asyncio.run(ask())

    sizes = [len(call.args[0]) for call in classifier.predict_batch.call_args_list]
    assert sizes == [MAX_BATCH, 1, MAX_BATCH, 5]
    assert order == ["small", "large"]
    assert result.batch.digits == [2] * len(images)
    assert len(result) == len(result.batch.probabilities) == len(images)


def test_large_tensors_leave_room_between_passes(registry: Registry) -> None:
    """However many wait, an iteration of the event loop has one pass."""
    default = registry.default
    classifier = Mock(wraps=default.classifier)
    model = LoadedModel("x", "1", default.pretrained, MicroBatcher(classifier))
    predictions = PredictionService(registry, Mock(spec=Pipeline), AdmissionQueue(8, 1))
    images = np.asarray(image_tensor(3 * MAX_BATCH).values)
    iteration = 0
    passes: list[int] = []

    def tick() -> None:
        nonlocal iteration
        iteration += 1
        asyncio.get_running_loop().call_soon(tick)

    def predict(*arguments: object) -> object:
        passes.append(iteration)
        return default.classifier.predict_batch(*arguments)  # type: ignore[arg-type]

    async def ask() -> None:
        tick()
        await asyncio.gather(*[predictions.predict_tensor(images, model) for _ in range(6)])

    classifier.predict_batch.side_effect = predict
    asyncio.run(ask())

    assert len(passes) == 18
    assert len(set(passes)) == len(passes)


def test_a_tensor_needs_a_slot_and_gives_it_back(registry: Registry) -> None:
    """Also if its pass fails."""
    predictions, model, classifier = service(registry)
    images = np.asarray(image_tensor().values)
    classifier.predict_batch.side_effect = MemoryError

    async def ask() -> None:
        with pytest.raises(MemoryError):
            await predictions.predict_tensor(images, model)

    asyncio.run(ask())

    assert predictions.admission.try_acquire()


def test_a_disconnected_caller_gets_no_more_passes(registry: Registry) -> None:
    """It is asked before each pass."""
    predictions, model, classifier = service(registry)
    caller = Mock()
    caller.is_disconnected = False
    images = np.asarray(image_tensor(5 * MAX_BATCH).values)
    predict = classifier.predict_batch

    def leave(*arguments: object) -> object:
        caller.is_disconnected = True
        return model.classifier.predict_batch(*arguments)  # type: ignore[arg-type]

    predict.side_effect = leave

    async def ask() -> None:
        with pytest.raises(AbandonedError):
            await predictions.predict_tensor(images, model, caller=caller)

    asyncio.run(ask())

    assert predict.call_count == 1
