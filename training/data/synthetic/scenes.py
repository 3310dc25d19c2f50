"""Scenes without a digit: what photos show, in grey, normalised as uploads are."""

import numpy as np
from numpy.typing import NDArray

from model_core.parameter import Array
from model_core.preprocessing import normalise
from training.data.augmentation import Pixels

# Pixels per side of a scene: large enough for a texture, small enough to be normalised fast.
SIDE = 44
# Exponent of the noise: 1 is that of natural photos, 0 white noise.
EXPONENTS = (0.6, 2.0)

_DOWN, _ACROSS = np.mgrid[:SIDE, :SIDE].astype(np.float32) / (SIDE - 1)
_FREQUENCY = np.hypot(*np.meshgrid(np.fft.fftfreq(SIDE), np.fft.rfftfreq(SIDE), indexing="ij"))
_FREQUENCY[0, 0] = 1.0
Mask = NDArray[np.bool_]


def scene(rng: np.random.Generator) -> Pixels:
    """Return a scene of ellipses, polygons or limbs before a textured ground, normalised.

    Shapes: (28, 28) uint8.
    """
    grey = _ground(rng)
    shapes = (_ellipse, _polygon, _limbs)
    shape = shapes[int(rng.integers(3))]
    for _ in range(1 if shape is _limbs else int(rng.integers(1, 4))):
        grey = np.where(shape(rng), _surface(rng), grey)
    return photograph(grey, rng)


def coloured_noise(rng: np.random.Generator) -> Array:
    """Return noise whose strength falls with the frequency, as that of photos does.

    Shapes: (SIDE, SIDE) float32 in 0..1: patches of ink with soft or sharp edges.
    """
    cloud = noise(rng)
    edge, sharpness = np.quantile(cloud, rng.uniform(0.3, 0.85)), rng.choice([1.5, 4, 20])
    patches: Array = np.clip((cloud - edge) * np.float32(sharpness), 0, 1).astype(np.float32)
    return patches


def noise(rng: np.random.Generator) -> Array:
    """Return noise with a spectrum of 1/f to a random power, (SIDE, SIDE) in 0..1."""
    spectrum = np.fft.rfft2(rng.standard_normal((SIDE, SIDE)))
    waves = np.fft.irfft2(spectrum / _FREQUENCY ** rng.uniform(*EXPONENTS), s=(SIDE, SIDE))
    waves -= waves.min()
    cloud: Array = (waves / waves.max()).astype(np.float32)
    return cloud


def photograph(grey: Array, rng: np.random.Generator) -> Pixels:
    """Return a grey picture, (H, W) in 0..1, as it is normalised after a photo of random contrast.

    Shapes: (28, 28) uint8.
    """
    contrast = rng.uniform(0.4, 1)
    light = rng.uniform(0, 1 - contrast)
    return normalise(np.rint((light + contrast * grey) * 255).astype(np.uint8)).pixels


def _ground(rng: np.random.Generator) -> Array:
    """Return a slope of light, with noise on half of the grounds."""
    slope = rng.uniform(0.3, 1) + _DOWN * rng.normal(0, 0.25) + _ACROSS * rng.normal(0, 0.25)
    if rng.random() < 0.5:
        slope = slope + rng.uniform(0.05, 0.5) * (noise(rng) - 0.5)
    light: Array = np.clip(slope, 0, 1).astype(np.float32)
    return light


def _surface(rng: np.random.Generator) -> Array:
    """Return a shape's own light: even, sloping, or with a texture of its own."""
    texture = rng.uniform(0, 0.7) * (noise(rng) - 0.5)
    slope = _DOWN * rng.normal(0, 0.2) + _ACROSS * rng.normal(0, 0.2)
    light: Array = np.clip(rng.uniform(0, 0.8) + texture + slope, 0, 1).astype(np.float32)
    return light


def _ellipse(rng: np.random.Generator) -> Mask:
    down, across = _turned(rng, *rng.uniform(0.2, 0.8, 2))
    inside: Mask = np.hypot(down / rng.uniform(0.06, 0.4), across / rng.uniform(0.06, 0.4)) < 1
    return inside


def _polygon(rng: np.random.Generator) -> Mask:
    """Return a convex polygon: the intersection of half-planes around a point."""
    down, across = _turned(rng, *rng.uniform(0.25, 0.75, 2))
    inside = np.ones((SIDE, SIDE), np.bool_)
    corners = int(rng.integers(3, 7))
    for angle in (np.arange(corners) + rng.uniform(-0.3, 0.3, corners)) * 2 * np.pi / corners:
        inside &= down * np.sin(angle) + across * np.cos(angle) < rng.uniform(0.08, 0.35)
    return inside


def _limbs(rng: np.random.Generator) -> Mask:
    """Return a trunk with tapering limbs: an animal, a hand, a plant."""
    trunk = rng.uniform(0.35, 0.65, 2)
    inside: Mask = np.hypot((_DOWN - trunk[0]), (_ACROSS - trunk[1])) < rng.uniform(0.05, 0.2)
    for _ in range(int(rng.integers(2, 7))):
        inside |= _limb(trunk, trunk + rng.uniform(-0.5, 0.5, 2), rng)
    return inside


def _limb(begin: NDArray[np.float64], end: NDArray[np.float64], rng: np.random.Generator) -> Mask:
    vector = end - begin
    along = (_DOWN - begin[0]) * vector[0] + (_ACROSS - begin[1]) * vector[1]
    share = np.clip(along / max(float(vector @ vector), 1e-6), 0, 1)
    distance = np.hypot(
        _DOWN - begin[0] - share * vector[0], _ACROSS - begin[1] - share * vector[1]
    )
    inside: Mask = distance < rng.uniform(0.03, 0.1) * (1 - share * rng.uniform(0, 0.8))
    return inside


def _turned(rng: np.random.Generator, row: float, column: float) -> tuple[Array, Array]:
    """Return the coordinates around a point, turned by a random angle."""
    angle = rng.uniform(0, np.pi)
    down, across = _DOWN - np.float32(row), _ACROSS - np.float32(column)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return down * cos + across * sin, across * cos - down * sin
