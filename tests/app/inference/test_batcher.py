"""Requests that arrive together are answered together."""

import asyncio
from unittest.mock import Mock

import numpy as np
import pytest

from app.inference.batcher import Turn
from app.inference.registry import Registry
from app.inference.types import Picture
from model_core.classifier import Classifier
from model_core.preprocessing import NormalisedImage

RNG = np.random.default_rng(0)


def picture() -> Picture:
    """Return some picture in MNIST's form."""
    pixels = RNG.integers(0, 256, (28, 28), np.uint8)
    return Picture(NormalisedImage(pixels, ()), 784, 0.0, 0.0)


def counted(classifier: Classifier) -> Mock:
    """Return a classifier that counts how often it is asked."""
    return Mock(wraps=classifier)


def test_pictures_of_one_turn_are_answered_at_once_and_as_alone(registry: Registry) -> None:
    """One pass through the network for all, each with its own answer."""
    pictures = [picture() for _ in range(5)]
    together, alone = counted(registry.default.classifier), registry.default.classifier

    async def ask() -> list[tuple[float, ...]]:
        turn = Turn(together)
        answers = await asyncio.gather(*map(turn.predict, pictures))
        return [prediction.probabilities for prediction, _, _ in answers]

    async def ask_alone(one: Picture) -> tuple[float, ...]:
        return (await Turn(alone).predict(one))[0].probabilities

    got = asyncio.run(ask())

    assert together.predict.call_count == 1
    assert got == [pytest.approx(asyncio.run(ask_alone(one)), abs=1e-6) for one in pictures]


def test_a_request_that_was_cancelled_spoils_no_other(registry: Registry) -> None:
    """The others of its turn have their answers."""

    async def ask() -> bool:
        turn = Turn(registry.default.classifier)
        gone, other = turn.predict(picture()), turn.predict(picture())
        gone.cancel()
        await other
        return gone.cancelled()

    assert asyncio.run(ask())


def test_an_error_reaches_everyone_in_the_turn() -> None:
    """Nobody waits for an answer that will not come."""
    broken = Mock()
    broken.predict.side_effect = MemoryError

    async def ask() -> list[object]:
        turn = Turn(broken)
        waiting = [turn.predict(picture()) for _ in range(2)]
        return await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(error) for error in asyncio.run(ask())] == [MemoryError, MemoryError]
