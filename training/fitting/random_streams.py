"""Independent random number streams of a training run, all derived from its seed."""

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """The purposes that random numbers are drawn for; each has a stream of its own."""

    WEIGHTS = 0
    EXAMPLES = 1  # order of the images, and their augmentation
    SYNTHETIC = 2
    LAYERS = 3  # random layers such as Dropout
    VALIDATION = 4  # synthetic handwriting for the thresholds
    PROOF = 5  # synthetic pictures of no digit, to compare versions


def generator(seed: int, stream: Stream, *position: int) -> np.random.Generator:
    """Return the generator of a stream at a position, such as (epoch, block).

    It depends on the arguments alone: a resumed run draws the same numbers without any saved state.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stream, *position)))
