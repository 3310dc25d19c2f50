"""Distractors: marks that do not belong to a figure, added to digits and other pictures alike."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from model_core.parameter import Array
from training.data.augmentation import SIDE, Pixels, extreme
from training.data.synthetic.drawing import to_mnist_format

# Width of a drawn mark in pixels of 28x28: from a scratch to a stroke as MNIST's.
WIDTHS = (0.4, 1.6)
# Darkness of a mark, as a share of full ink.
DARKNESS = (0.45, 1.0)
# Points of a zigzag, fewer more often: with many it covers what it crosses.
ZIGZAG = (4, 14)
# Width of a zigzag as a share of the distance between its points.
ZIGZAG_WIDTH = 0.3
# Dots in a row, and splashes.
DOTS, SPLASHES = (4, 12), (2, 14)
# Radius of a splash in pixels: small ones, since half of them take ink away.
SPLASH_RADII = (0.5, 1.7)
# Share of the ink that splashes may take away; beyond it they add ink instead.
MOST_EATEN = 0.3
# Share of the pictures that are cropped and scaled again with what was added.
CROPPED_SHARE = 0.4
# Images at a time: the distances to all segments of so many take 10 MB.
BLOCK = 128

_PLACES = np.mgrid[:SIDE, :SIDE].reshape(2, -1).T.astype(np.float32)


def add_distractors(images: Pixels, rng: np.random.Generator) -> Pixels:
    """Add one kind of distractor to each image.

    Shapes: ``images`` (N, 28, 28) uint8, in and out.
    """
    kinds = rng.choice(len(DISTRACTORS), len(images), p=[share for _, share in DISTRACTORS])
    changed = images.copy()
    for kind, (add, _) in enumerate(DISTRACTORS):
        numbers = np.flatnonzero(kinds == kind)
        for start in range(0, len(numbers), BLOCK):
            block = numbers[start : start + BLOCK]
            ink = add(images[block].astype(np.float32) / 255, rng)
            changed[block] = np.rint(np.clip(ink, 0, 1) * 255).astype(np.uint8)
    for number in np.flatnonzero(rng.random(len(images)) < CROPPED_SHARE):
        changed[number] = to_mnist_format(changed[number].astype(np.float32) / 255)
    return changed


def _line(ink: Array, rng: np.random.Generator) -> Array:
    """Add a straight line from side to side, at any angle."""
    count = len(ink)
    angle, middle = rng.uniform(0, np.pi, count), rng.uniform(4, SIDE - 5, (count, 2))
    reach = np.stack([np.sin(angle), np.cos(angle)], axis=1) * rng.uniform(6, SIDE, (count, 1))
    return _stroke(ink, np.stack([middle - reach, middle + reach], axis=1), rng)


def _zigzag(ink: Array, rng: np.random.Generator) -> Array:
    """Add a zigzag across the image: its points go from one side to the other and to and fro."""
    count, most = len(ink), ZIGZAG[1]
    points = ZIGZAG[0] + ((most + 1 - ZIGZAG[0]) * rng.random((count, 1)) ** 2).astype(np.intp)
    along = np.minimum(np.arange(most), points - 1) / (points - 1) * (SIDE - 1)
    height = rng.uniform(1, 12, (count, 1)) * (-1) ** np.arange(most)
    across = rng.uniform(6, SIDE - 6, (count, 1)) + height + rng.normal(0, 1.5, (count, most))
    across = np.take_along_axis(across, np.minimum(np.arange(most), points - 1), axis=1)
    path = np.stack([across, along], axis=2)
    turned = rng.random(count) < 0.5
    path[turned] = path[turned, :, ::-1]
    return _stroke(ink, path, rng, ZIGZAG_WIDTH * SIDE / (points - 1))


def _dots(ink: Array, rng: np.random.Generator) -> Array:
    """Add a row of dots."""
    count, most = len(ink), DOTS[1]
    start, end = rng.uniform(0, SIDE - 1, (2, count, 1, 2))
    number = rng.integers(DOTS[0], most + 1, (count, 1, 1))
    step = np.minimum(np.arange(most)[:, None], number - 1) / (number - 1)
    radii = np.repeat(rng.uniform(0.4, 1.1, (count, 1)), most, axis=1)
    return np.maximum(ink, _discs(start + step * (end - start), radii) * _darkness(count, rng))


def _splashes(ink: Array, rng: np.random.Generator) -> Array:
    """Add splashes; half of the time they take ink away instead."""
    count, most = len(ink), SPLASHES[1]
    radii = rng.uniform(*SPLASH_RADII, (count, most))
    radii[np.arange(most) >= rng.integers(SPLASHES[0], most + 1, (count, 1))] = -1
    spots = _discs(rng.uniform(3, SIDE - 4, (count, most, 2)), radii)
    eaten: Array = ink * (1 - spots)
    bearable = eaten.sum(axis=(1, 2)) >= (1 - MOST_EATEN) * ink.sum(axis=(1, 2))
    eats = (rng.random(count) < 0.5) & bearable
    dirty = np.maximum(ink, spots * _darkness(count, rng))
    return np.where(eats[:, None, None], eaten, dirty)


def _outline(ink: Array, rng: np.random.Generator) -> Array:
    """Leave the outline of the strokes: outside, inside, or both."""
    shares = rng.choice(np.array([[1, 0], [0, 1], [1, 1]], np.float32), len(ink))
    outside, inside = (shares[:, [side]][..., None] for side in (0, 1))
    line = outside * (extreme(ink, np.maximum) - ink) + inside * (ink - extreme(ink, np.minimum))
    greatest = np.maximum(line.max(axis=(1, 2), keepdims=True), 1e-6)
    drawn: Array = np.minimum(line / greatest * rng.uniform(1, 1.6, (len(ink), 1, 1)), 1)
    return drawn


# Each kind with its relative frequency; the frequencies add up to 1.
DISTRACTORS: tuple[tuple[Callable[[Array, np.random.Generator], Array], float], ...] = (
    (_line, 0.24),
    (_zigzag, 0.24),
    (_dots, 0.12),
    (_splashes, 0.22),
    (_outline, 0.18),
)


def _stroke(
    ink: Array,
    path: NDArray[np.float64],
    rng: np.random.Generator,
    widest: float | NDArray[np.float64] = WIDTHS[1],
) -> Array:
    """Draw a polyline, (N, P, 2) rows and columns, over each image."""
    begin, vector = path[:, :-1].astype(np.float32), np.diff(path, axis=1).astype(np.float32)
    length = np.maximum((vector**2).sum(axis=2), 1e-6)
    nearest = np.full((len(ink), SIDE * SIDE), np.inf, np.float32)
    for segment in range(begin.shape[1]):
        offset = _PLACES - begin[:, segment, None]
        along = (offset @ vector[:, segment, :, None])[..., 0] / length[:, segment, None]
        offset -= np.clip(along, 0, 1)[..., None] * vector[:, segment, None]
        np.minimum(nearest, (offset**2).sum(axis=2), out=nearest)
    width = np.minimum(rng.uniform(*WIDTHS, (len(ink), 1)), widest)
    # a pen narrower than a pixel covers less than the whole of it
    coverage = np.clip(width / 2 + 0.5 - np.sqrt(nearest), 0, np.minimum(width, 1))
    line = coverage.reshape(ink.shape) * _darkness(len(ink), rng)
    return np.maximum(ink, line)


def _discs(centres: NDArray[np.float64], radii: NDArray[np.float64]) -> Array:
    """Return discs with soft edges; one with a negative radius has no pixel.

    Shapes: ``centres`` (N, D, 2), ``radii`` (N, D) -> (N, 28, 28) in 0..1.
    """
    ink = np.zeros((len(centres), SIDE * SIDE), np.float32)
    for disc in range(centres.shape[1]):
        away = _PLACES - centres[:, disc, None].astype(np.float32)
        distance = np.sqrt((away**2).sum(axis=2))
        np.maximum(ink, np.clip(radii[:, [disc]] + 0.5 - distance, 0, 1), out=ink)
    return ink.reshape(-1, SIDE, SIDE)


def _darkness(count: int, rng: np.random.Generator) -> Array:
    return rng.uniform(*DARKNESS, (count, 1, 1)).astype(np.float32)
