"""Synthetic scenes of colours and transparency: a digit that its brightness does not show.

Every scene takes ink (H, W) in 0..1 and a random generator, and returns the picture: (H, W, 3) RGB
or (H, W, 4) RGBA, uint8.
"""

import numpy as np
from numpy.typing import NDArray

from tests.support.scenes import Grey, Rng

Colours = NDArray[np.uint8]
Colour = NDArray[np.float64]

# Weights of red, green and blue in the brightness (ITU-R BT.601).
LUMA = np.array([0.299, 0.587, 0.114])


def white_on_transparent(ink: Grey, rng: Rng) -> Colours:
    """Return strokes of a white or nearly white pen, or chalk, on a transparent canvas."""
    alpha = _sheet(ink, rng) * rng.uniform(0.5, 1)
    picture = np.zeros((*alpha.shape, 4))
    texture = rng.uniform(0, 25) * rng.random((*alpha.shape, 1))
    picture[..., :3] = rng.uniform(243, 255) - texture
    picture[..., 3] = 255 * alpha
    return _round(picture)


def dark_on_transparent(ink: Grey, rng: Rng) -> Colours:
    """Return strokes of a dark pen of any colour on a transparent canvas."""
    alpha = _sheet(ink, rng) * rng.uniform(0.7, 1)
    picture = np.zeros((*alpha.shape, 4))
    picture[..., :3] = rng.uniform(0, 120, 3)
    picture[..., 3] = 255 * alpha
    return _round(picture)


def same_luminance(ink: Grey, rng: Rng) -> Colours:
    """Return ink on a card of another colour and about the same brightness, with slight noise."""
    card, pen = _equal_colours(rng, apart=float(rng.uniform(-12, 12)))
    sheet = _sheet(ink, rng)[..., None]
    light = 1 - rng.uniform(0, 0.3) * np.linspace(0, 1, sheet.shape[1])[:, None]
    picture = (card + (pen - card) * sheet) * light
    return _round(picture + rng.normal(0, rng.uniform(0, 3), picture.shape))


def blue_on_newsprint(ink: Grey, rng: Rng) -> Colours:
    """Return blue ink on yellowish paper with the coloured noise of a phone's photo."""
    paper, pen = np.array([214.0, 206.0, 184.0]), np.array([40.0, 60.0, 140.0])
    sheet = _sheet(ink, rng)[..., None]
    picture = paper + (pen - paper) * sheet
    return _round(picture + rng.normal(0, rng.uniform(2, 12), picture.shape))


def _equal_colours(rng: Rng, apart: float) -> tuple[Colour, Colour]:
    """Return two colours that differ much in hue, and in brightness by ``apart`` grey levels."""
    while True:
        one, other = rng.uniform(40, 225, (2, 3))
        other += (one - other) @ LUMA + apart
        if np.linalg.norm(one - other) > 130 and other.min() > 20 and other.max() < 245:
            return one, other


def _sheet(ink: Grey, rng: Rng) -> Grey:
    """Return the ink on a sheet with a margin on each side, at a random place."""
    margins = [int(rng.uniform(0.15, 0.6) * max(ink.shape)) for _ in range(4)]
    return np.pad(ink, (tuple(margins[:2]), tuple(margins[2:])))


def _round(picture: Grey) -> Colours:
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


SCENES = {
    "white on transparent": white_on_transparent,
    "dark on transparent": dark_on_transparent,
    "same luminance": same_luminance,
    "blue on newsprint": blue_on_newsprint,
}
