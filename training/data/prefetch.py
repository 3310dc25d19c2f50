"""Prefetching: background threads augment the next images while the network trains.

NumPy releases the global interpreter lock during operations on large arrays.
"""

from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset, Examples

THREADS = 2

Chosen = tuple[NDArray[np.intp], np.random.Generator]


def prefetch(examples: Examples, blocks: Sequence[Chosen]) -> Generator[Dataset, None, None]:
    """Yield ``examples.take`` of each block, in order, computed ahead in background threads."""
    with ThreadPoolExecutor(THREADS) as pool:
        waiting: deque[Future[Dataset]] = deque()
        try:
            for block in blocks:
                waiting.append(pool.submit(examples.take, *block))
                if len(waiting) > THREADS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
