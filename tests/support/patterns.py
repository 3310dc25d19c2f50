"""Pictures that are hard to normalise: lines, grids, waves, noise, mazes of every pitch."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Axis = NDArray[np.int64]

# Makes the ink of a picture from its rows, its columns, two pitches and a width, in pixels.
Pattern = Callable[[Axis, Axis, int, int, int], Mask]

PATTERNS: tuple[Pattern, ...] = (
    lambda y, x, p, q, w: (y % p < w) | (x == q),
    lambda y, x, p, q, w: (y % p < w) | (x % q < 1),
    lambda y, x, p, q, w: (y // w + x // w) % 2 == 0,
    lambda y, x, p, q, w: (x % p == 0) & (y % q == 0),
    lambda y, x, p, q, w: ((x - 3 * p) ** 2 + (y - 3 * q) ** 2) % (4 * p * p) < p * w,
    lambda y, x, p, q, w: (x + y) % p < w,
    lambda y, x, p, q, w: (x * y) % p < w,
    lambda y, x, p, q, w: (x ^ y) % p < w,
    lambda y, x, p, q, w: (y % (2 * p) < w) | ((x % (2 * p) < w) & (y // p % 2 == 0)),
    lambda y, x, p, q, w: np.minimum(np.minimum(x, y), np.minimum(x[0, ::-1], y[::-1])) % p < w,
    lambda y, x, p, q, w: np.sin(x / p) + np.sin(y / q) > w / p - 0.5,
    lambda y, x, p, q, w: ((y % p < w) & (x % q != 0)) | (x < 2),
    lambda y, x, p, q, w: (y % p < w) | (x * p // q % p == 0),
    lambda y, x, p, q, w: np.random.default_rng(p * q).random(y.shape) < w / p,
    lambda y, x, p, q, w: np.random.default_rng(p).random(y.shape)[y // 4, x // 4] < 0.5,
    lambda y, x, p, q, w: np.random.default_rng(q).random(y.shape)[y // w, x // w] < 0.5,
)


def patterns(size: int, count: int, *, seed: int) -> Iterator[Pixels]:
    """Yield ``count`` pictures (size, size) in two grey levels, every third one with noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size]
    for number in range(count):
        p, q = rng.integers(2, max(3, size // 3), 2)
        w = rng.integers(1, max(2, p // 2) + 1)
        ink = PATTERNS[number % len(PATTERNS)](y, x, int(p), int(q), int(w))
        grey = np.where(ink, rng.integers(0, 120), rng.integers(140, 256)).astype(float)
        if number % 3 == 0:
            grey += rng.normal(0, 30 * rng.random(), grey.shape)
        yield np.clip(grey, 0, 255).astype(np.uint8)
