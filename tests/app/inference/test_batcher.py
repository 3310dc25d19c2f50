"""Micro-batcher: images that are ready at the same time share a pass."""

import asyncio
from unittest.mock import Mock

import numpy as np
import pytest

from app.inference.batcher import MAX_BATCH, MicroBatcher, split
from app.inference.registry import Registry
from app.inference.types import NormalisedUpload, PredictionResult
from model_core.classifier import Classifier
from model_core.preprocessing import NormalisedImage
from model_core.preprocessing.image_ops.types import Grey8
from tests.support.pictures import two

RNG = np.random.default_rng(0)


def upload() -> NormalisedUpload:
    """Return a random image in MNIST's format."""
    pixels = RNG.integers(0, 256, (28, 28), np.uint8)
    return NormalisedUpload(NormalisedImage(pixels, ()), 784, 0.0, 0.0, 0.0)


def rotated(pixels: Grey8) -> NormalisedUpload:
    """Return an image in MNIST's format, and its other three rotations."""
    first, *others = [NormalisedImage(np.rot90(pixels, -turn), ()) for turn in range(4)]
    return NormalisedUpload(first, 784, 0.0, 0.0, 0.0, rotated=tuple(others))


def counted(classifier: Classifier) -> Mock:
    """Return a classifier that counts its calls."""
    return Mock(wraps=classifier)


def test_images_that_are_ready_together_share_a_pass(registry: Registry) -> None:
    """Single images and a batch share one pass, and each gets the result that it gets alone."""
    images = [upload() for _ in range(5)]
    together, alone = counted(registry.default.classifier), registry.default.classifier

    async def ask() -> list[tuple[float, ...]]:
        batcher = MicroBatcher(together)
        parts = await asyncio.gather(
            batcher.predict(images[:1]), batcher.predict(images[1:4]), batcher.predict(images[4:])
        )
        return [result.prediction.probabilities for part in parts for result in part]

    async def ask_alone(one: NormalisedUpload) -> tuple[float, ...]:
        [result] = await MicroBatcher(alone).predict([one])
        return result.prediction.probabilities

    got = asyncio.run(ask())

    assert together.predict_batch.call_count == 1
    assert got == [pytest.approx(asyncio.run(ask_alone(one)), abs=1e-6) for one in images]


def test_two_full_batches_do_not_wait(registry: Registry) -> None:
    """The first of two full batches is predicted before the end of the event loop iteration."""

    async def ask() -> list[bool]:
        batcher = MicroBatcher(registry.default.classifier)
        futures = [batcher.predict([upload()]) for _ in range(2 * MAX_BATCH)]
        done = [future.done() for future in futures]
        await asyncio.gather(*futures)
        return done

    assert asyncio.run(ask()) == [True] * MAX_BATCH + [False] * MAX_BATCH


def test_no_pass_has_more_images_than_a_batch(registry: Registry) -> None:
    """Images that would exceed the largest batch wait for the next pass, in their order."""
    classifier = counted(registry.default.classifier)

    async def ask() -> None:
        batcher = MicroBatcher(classifier)
        parts = [[upload() for _ in range(count)] for count in (3, MAX_BATCH - 2, 20, 1)]
        await asyncio.gather(*[batcher.predict(part) for part in parts])

    asyncio.run(ask())

    sizes = [len(call.args[0]) for call in classifier.predict_batch.call_args_list]
    assert sizes == [3, MAX_BATCH - 2, 21]


def test_the_best_rotation_of_each_upload_is_its_result(registry: Registry) -> None:
    """All rotations share a pass, and an upload gets the one with the best acceptance score."""
    classifier = counted(registry.default.classifier)
    twos = [rotated(np.rot90(np.asarray(two()), turn)) for turn in range(4)]

    async def ask() -> list[PredictionResult]:
        batcher = MicroBatcher(classifier)
        parts = await asyncio.gather(batcher.predict(twos[:3]), batcher.predict([upload()]))
        return [*parts[0], *parts[1], *await batcher.predict(twos[3:])]

    results = asyncio.run(ask())

    assert [len(call.args[0]) for call in classifier.predict_batch.call_args_list] == [13, 4]
    del results[3]  # the random image
    for turn, result in enumerate(results):
        assert (result.prediction.digit, result.prediction.decision) == (2, "accept")
        assert result.normalised is twos[turn].candidates[turn]
        assert result.ink_share == pytest.approx(result.model_input.mean())


def test_a_batch_of_rotations_is_split_into_passes() -> None:
    """Parts keep the order, and none has more images than a pass."""
    uploads = [rotated(np.zeros((28, 28), np.uint8)) for _ in range(20)]
    uploads[3:3] = [upload() for _ in range(70)]

    parts = list(split(uploads))

    assert [one for part in parts for one in part] == uploads
    sizes = [sum(len(one.candidates) for one in part) for part in parts]
    assert max(sizes) <= MAX_BATCH
    assert len(parts) == 5
    assert list(split([])) == []


def test_a_cancelled_request_does_not_affect_the_others(registry: Registry) -> None:
    """The other requests of the batch get their results."""

    async def ask() -> bool:
        batcher = MicroBatcher(registry.default.classifier)
        gone, other = batcher.predict([upload()]), batcher.predict([upload()])
        gone.cancel()
        await other
        return gone.cancelled()

    assert asyncio.run(ask())


def test_an_error_reaches_every_request_of_the_batch() -> None:
    """If the pass fails, every request of the batch gets the exception."""
    broken = Mock()
    broken.predict_batch.side_effect = MemoryError

    async def ask() -> list[object]:
        batcher = MicroBatcher(broken)
        waiting = [batcher.predict([upload()]) for _ in range(2)]
        return await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(error) for error in asyncio.run(ask())] == [MemoryError, MemoryError]
