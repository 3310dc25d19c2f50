"""Textures: noise, blots, stripes, shading."""

import numpy as np

from model_core.parameter import Array
from training.data.synthetic.drawing import SIZE


def noise(rng: np.random.Generator) -> Array:
    """Return coarse or fine value noise."""
    ink = _smooth(rng, int(rng.integers(3, 29)))
    return ink if rng.random() < 0.5 else ink**3


def blots(rng: np.random.Generator) -> Array:
    """Return thresholded value noise: dark patches with sharp borders."""
    cloud = _smooth(rng, int(rng.integers(3, 9)))
    blots: Array = (cloud > rng.uniform(0.5, 0.8)).astype(np.float32)
    return blots


def stripes(rng: np.random.Generator) -> Array:
    """Return parallel stripes at any angle."""
    down, across = np.mgrid[:SIZE, :SIZE]
    angle, period = rng.uniform(0, np.pi), rng.uniform(8, 40)
    along = down * np.sin(angle) + across * np.cos(angle) + rng.uniform(0, period)
    stripes: Array = (along % period < period * rng.uniform(0.2, 0.7)).astype(np.float32)
    return stripes


def shade(rng: np.random.Generator) -> Array:
    """Return a linear gradient with noise, like uneven lighting."""
    down, across = np.mgrid[:SIZE, :SIZE] / SIZE
    slope = down * rng.normal() + across * rng.normal() + rng.normal(0, 0.1, (SIZE, SIZE))
    slope -= slope.min()
    shade: Array = (slope / slope.max()).astype(np.float32)
    return shade


def _smooth(rng: np.random.Generator, cells: int) -> Array:
    """Return value noise: random levels on a grid of ``cells`` points a side, interpolated."""
    levels = rng.random((cells, cells), np.float32)
    where = np.linspace(0, cells - 1, SIZE)
    share = np.maximum(0, 1 - np.abs(where[:, None] - np.arange(cells))).astype(np.float32)
    cloud: Array = share @ levels @ share.T
    return cloud
