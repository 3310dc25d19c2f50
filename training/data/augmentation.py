"""Data augmentation: random affine and elastic distortions, and changes of stroke width.

The distortions are applied by inverse mapping with bilinear interpolation, to a block of images at
once. The random numbers of all images are drawn first.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from model_core.parameter import Array

SIDE = 28
# Control points per side of the elastic distortion; displacements between them are interpolated.
GRID = 5
# Images distorted at a time: the arrays of more would leave the processor's cache.
BLOCK = 64

Pixels = NDArray[np.uint8]
Image = TypeVar("Image", Pixels, Array)


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
    drawn = _draw(len(images), how, rng)
    changed = np.empty_like(images)
    for start in range(0, len(images), BLOCK):
        part = slice(start, start + BLOCK)
        amounts, *places = (numbers[part] for numbers in drawn)
        changed[part] = _warp(_stroke(images[part], amounts), _source_coordinates(*places))
    return changed


def _draw(n: int, how: Augmentation, rng: np.random.Generator) -> tuple[Array, ...]:
    """Draw the random numbers of N images.

    Shapes: changes of the stroke (N, 1, 1), affine matrices (N, 2, 2), shifts (N, 2, 1) and elastic
    displacements of the control points (N, 2, GRID, GRID), all float32.
    """

    def draw(most: float, *shape: int) -> Array:
        return rng.uniform(-most, most, (n, *shape)).astype(np.float32)

    amounts = draw(how.stroke, 1, 1) if how.stroke else np.zeros((n, 1, 1), np.float32)
    angle, shear = np.radians(draw(how.rotation)), draw(how.shear)
    down, across = np.exp(draw(how.scale)), np.exp(draw(how.scale))
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.stack([cos * down, -sin * across, (sin + shear * cos) * down, cos * across], axis=1)
    shift = np.stack([draw(how.shift), draw(how.shift)], axis=1)[:, :, None]
    shape = 2, GRID, GRID
    points = draw(how.elastic, *shape) if how.elastic else np.zeros((n, *shape), np.float32)
    return amounts, matrix.reshape(n, 2, 2), shift, points


def _stroke(images: Pixels, amounts: Array) -> Array:
    """Make strokes thicker or thinner: interpolate towards a grey dilation or erosion.

    Shapes: (N, 28, 28) float32, of whole grey levels.
    """
    thick = amounts[:, 0, 0] > 0
    target = np.empty_like(images)
    target[thick] = extreme(images[thick], np.maximum)
    target[~thick] = extreme(images[~thick], np.minimum)
    changed: Array = np.subtract(target, images, dtype=np.float32)
    changed *= np.abs(amounts)
    changed += images
    return np.rint(changed, out=changed)


def extreme(images: Image, which: np.ufunc) -> Image:
    """Grey dilation (``np.maximum``) or erosion (``np.minimum``) with a cross of 3x3 pixels."""
    result = images.copy()
    for new, old in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[:, :, 1:], np.s_[:, :, :-1])):
        which(result[new], images[old], out=result[new])
        which(result[old], images[new], out=result[old])
    return result


def _source_coordinates(matrices: Array, shifts: Array, points: Array) -> Array:
    """Return the coordinates in the old image of each pixel of the new one.

    Shapes: (2, N, 784) float32, rows and columns.
    """
    n, middle = len(matrices), (SIDE - 1) / 2
    grid = (np.mgrid[:SIDE, :SIDE].reshape(2, -1) - middle).astype(np.float32)
    coordinates = np.empty((2, n, SIDE * SIDE), np.float32)
    np.matmul(matrices, grid, out=coordinates.transpose(1, 0, 2))
    coordinates += (middle + shifts).transpose(1, 0, 2)
    coordinates += _displacements(points).reshape(2, n, -1)
    return coordinates


def _displacements(points: Array) -> Array:
    """Return the smooth displacements of an elastic distortion, (2, N, 28, 28) float32."""
    where = np.linspace(0, GRID - 1, SIDE)
    share = np.maximum(0, 1 - np.abs(where[:, None] - np.arange(GRID)))
    # a sine in place of straight lines between the points: no corners
    smooth = (np.sin((share - 0.5) * np.pi) / 2 + 0.5).astype(np.float32)
    bent = np.empty((2, len(points), SIDE, SIDE), np.float32)
    np.matmul(smooth @ points, smooth.T, out=bent.transpose(1, 0, 2, 3))
    return bent


def _warp(images: Array, coordinates: Array) -> Array:
    """Resample images at the given coordinates by bilinear interpolation, black outside."""
    n, side = len(images), SIDE + 3
    padded = np.zeros((n, side, side), np.float32)
    padded[:, 1:-2, 1:-2] = images
    np.clip(coordinates, -1, SIDE, out=coordinates)
    corner = np.floor(coordinates)
    coordinates -= corner
    down, across = coordinates
    first = (corner[0] * side + corner[1]).astype(np.intp)
    first += (np.arange(n) * side**2 + side + 1)[:, None]
    flat = padded.ravel()
    upper = _mix(flat, first, across)
    lower = _mix(flat[side:], first, across)
    lower -= upper
    lower *= down
    lower += upper
    return np.rint(lower, out=lower).reshape(images.shape)


def _mix(flat: Array, first: NDArray[np.intp], share: Array) -> Array:
    # no index is out of range; "wrap" takes half the time of the check
    left, right = flat.take(first, mode="wrap"), flat[1:].take(first, mode="wrap")
    right -= left
    right *= share
    right += left
    return right
