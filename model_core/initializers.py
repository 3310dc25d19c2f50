"""Weight initialisation."""

import math

import numpy as np

from model_core.parameter import Array


def he_normal(shape: tuple[int, ...], *, fan_in: int, rng: np.random.Generator) -> Array:
    """He initialisation: normal with variance 2 / fan_in, for layers followed by a ReLU.

    Shapes: returns float32 of ``shape``.
    Source: He et al. 2015, "Delving Deep into Rectifiers", section 2.2.
    """
    return rng.standard_normal(shape, np.float32) * np.float32(math.sqrt(2 / fan_in))
