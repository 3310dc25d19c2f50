"""Data augmentation: random affine and elastic distortions, and changes of stroke width.

The distortions are applied by inverse mapping with bilinear interpolation, to a block of images at
once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_core.parameter import Array

SIDE = 28
# Control points per side of the elastic distortion; displacements between them are interpolated.
GRID = 5

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Largest magnitude of each random distortion, drawn anew for every image; 0: none.

    Units: ``rotation`` in degrees; ``scale`` and ``shear`` as shares of 1; ``shift`` and
    ``elastic`` in pixels of 28x28; ``stroke`` in pixels on each side of a stroke, up to 1.
    """

    rotation: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    shift: float = 0.0
    stroke: float = 0.0
    elastic: float = 0.0

    def __bool__(self) -> bool:
        """Return whether any distortion is enabled."""
        return any((self.rotation, self.scale, self.shear, self.shift, self.stroke, self.elastic))


def augment(images: Pixels, how: Augmentation, rng: np.random.Generator) -> Pixels:
    """Return a randomly distorted copy of each image.

    Shapes: ``images`` (N, 28, 28) uint8, in and out.
    """
    changed = _stroke(images, how.stroke, rng) if how.stroke else images
    return _warp(changed, _source_coordinates(len(images), how, rng))


def _stroke(images: Pixels, most: float, rng: np.random.Generator) -> Pixels:
    """Make strokes thicker or thinner: interpolate towards a grey dilation or erosion."""
    amount = rng.uniform(-most, most, (len(images), 1, 1)).astype(np.float32)
    old = images.astype(np.float32)
    target = np.where(amount > 0, extreme(old, np.maximum), extreme(old, np.minimum))
    return _to_grey(old + np.abs(amount) * (target - old))


def extreme(images: Array, which: np.ufunc) -> Array:
    """Grey dilation (``np.maximum``) or erosion (``np.minimum``) with a cross of 3x3 pixels."""
    result = images.copy()
    for new, old in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[:, :, 1:], np.s_[:, :, :-1])):
        which(result[new], images[old], out=result[new])
        which(result[old], images[new], out=result[old])
    return result


def _source_coordinates(n: int, how: Augmentation, rng: np.random.Generator) -> Array:
    """Return the coordinates in the old image of each pixel of the new one.

    Shapes: (N, 2, 784) float32, rows and columns.
    """

    def draw(most: float) -> Array:
        return rng.uniform(-most, most, n).astype(np.float32)

    angle, shear = np.radians(draw(how.rotation)), draw(how.shear)
    down, across = np.exp(draw(how.scale)), np.exp(draw(how.scale))
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.stack([cos * down, -sin * across, (sin + shear * cos) * down, cos * across], axis=1)
    middle = (SIDE - 1) / 2
    grid = (np.mgrid[:SIDE, :SIDE].reshape(2, -1) - middle).astype(np.float32)
    coordinates = matrix.reshape(n, 2, 2) @ grid
    coordinates += middle + np.stack([draw(how.shift), draw(how.shift)], axis=1)[:, :, None]
    if how.elastic:
        coordinates += _displacements(n, how.elastic, rng)
    return coordinates


def _displacements(n: int, most: float, rng: np.random.Generator) -> Array:
    """Return the smooth random displacements of an elastic distortion, (N, 2, 784) float32."""
    points = rng.uniform(-most, most, (n, 2, GRID, GRID)).astype(np.float32)
    where = np.linspace(0, GRID - 1, SIDE)
    share = np.maximum(0, 1 - np.abs(where[:, None] - np.arange(GRID)))
    # a sine in place of straight lines between the points: no corners
    smooth = (np.sin((share - 0.5) * np.pi) / 2 + 0.5).astype(np.float32)
    bent: Array = smooth @ points @ smooth.T
    return bent.reshape(n, 2, -1)


def _warp(images: Pixels, coordinates: Array) -> Pixels:
    """Resample images at the given coordinates by bilinear interpolation, black outside."""
    n = len(images)
    padded = np.zeros((n, SIDE + 3, SIDE + 3), np.float32)
    padded[:, 1:-2, 1:-2] = images
    np.clip(coordinates, -1, SIDE, out=coordinates)
    corner = np.floor(coordinates)
    coordinates -= corner
    down, across = coordinates[:, 0], coordinates[:, 1]
    first = ((corner[:, 0] + 1) * (SIDE + 3) + corner[:, 1] + 1).astype(np.intp)
    first += (np.arange(n) * (SIDE + 3) ** 2)[:, None]
    flat = padded.ravel()
    top = _mix(flat, first, across)
    bottom = _mix(flat, first + SIDE + 3, across)
    return _to_grey(top + down * (bottom - top)).reshape(n, SIDE, SIDE)


def _mix(flat: Array, first: NDArray[np.intp], share: Array) -> Array:
    left, right = flat.take(first), flat.take(first + 1)
    right -= left
    right *= share
    right += left
    return right


def _to_grey(values: Array) -> Pixels:
    return np.rint(values).astype(np.uint8)
