"""Prefetching: the same images in the same order, computed in other threads."""

import threading

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from training.data.dataset import Dataset
from training.data.prefetch import THREADS, Chosen, prefetch


class Counting:
    """Examples that record the thread of each block; blocks in ``broken`` raise an error."""

    def __init__(self, broken: int = -1) -> None:
        self.threads: list[int] = []
        self._broken = broken

    def __len__(self) -> int:
        return 100

    def take(self, indices: NDArray[np.intp], rng: np.random.Generator) -> Dataset:
        """Return images with random numbers in them."""
        self.threads.append(threading.get_ident())
        if self._broken in indices:
            raise MemoryError("no room")
        return Dataset(rng.random((len(indices), 14, 14), np.float32), indices)


def blocks() -> list[Chosen]:
    """Return ten blocks of ten images, each with a generator of its own."""
    return [
        (np.arange(start, start + 10), np.random.default_rng(start)) for start in range(0, 100, 10)
    ]


def test_prefetched_blocks_equal_those_computed_one_by_one() -> None:
    """Prefetched blocks equal those computed one by one."""
    examples = Counting()

    ahead = list(prefetch(examples, blocks()))

    expected = [Counting().take(*block) for block in blocks()]
    for block, direct in zip(ahead, expected, strict=True):
        assert_array_equal(block.images, direct.images)
        assert_array_equal(block.classes, direct.classes)
    assert threading.get_ident() not in examples.threads


def test_only_the_next_are_made() -> None:
    """Only a few blocks are computed ahead, not a whole epoch."""
    examples = Counting()
    stream = prefetch(examples, blocks())

    next(stream)

    assert len(examples.threads) <= THREADS + 1
    stream.close()


def test_an_error_reaches_the_caller() -> None:
    """An error is raised when its block is due, without a deadlock."""
    stream = prefetch(Counting(broken=25), blocks())

    assert [len(next(stream)) for _ in range(2)] == [10, 10]
    with pytest.raises(MemoryError, match="no room"):
        next(stream)


def test_nothing_to_take() -> None:
    """No blocks give no data."""
    assert list(prefetch(Counting(), [])) == []
