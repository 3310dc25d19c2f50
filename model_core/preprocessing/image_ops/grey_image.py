"""A greyscale picture together with statistics of it, each computed once."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.image_ops.lazy_property import lazy_property
from model_core.preprocessing.image_ops.types import WHITE, Box, Grey8, Grey32

Pixel = TypeVar("Pixel", bound=np.generic)

# The sides of a corner are 1 / this of the picture's, rounded up: chosen so that what fills the
# middle of a picture leaves its corners bare.
CORNER_DIVISOR = 8

# With at least this many pixels one is trimmed at either end; with fewer there would be no range.
MIN_VALUES_TO_TRIM = 4


class GreyImage:
    """A greyscale picture with cached order statistics, border and corner means.

    Shapes: ``pixels`` (H, W) float32, never changed. Units: grey levels 0..255.
    """

    def __init__(self, pixels: Grey32, *, levels: Grey32 | None = None) -> None:
        """Take a picture, and its sorted levels if they are known."""
        self.pixels = pixels
        if levels is not None:
            self.__dict__["levels"] = levels  # where ``lazy_property`` keeps it

    @classmethod
    def of_whole_levels(cls, pixels: Grey8) -> "GreyImage":
        """Return a picture of whole grey levels; to sort these takes a fifth of the time."""
        ordered = np.sort(pixels, axis=None, kind="stable")  # a radix sort
        return cls(pixels.astype(np.float32), levels=ordered.astype(np.float32))

    @lazy_property
    def levels(self) -> Grey32:
        """The values of all pixels in ascending order, (H * W,) float32."""
        return np.sort(self.pixels, axis=None)

    @lazy_property
    def trimmed_range(self) -> tuple[float, float]:
        """The second darkest and second lightest pixel's level."""
        trimmed = int(len(self.levels) >= MIN_VALUES_TO_TRIM)
        return float(self.levels[trimmed]), float(self.levels[-1 - trimmed])

    @property
    def middle(self) -> float:
        """The level half way between the ends of the trimmed range."""
        low, high = self.trimmed_range
        return (low + high) / 2

    @lazy_property
    def border(self) -> Grey32:
        """The outermost pixels on all four sides; those in the corners appear twice."""
        rows = self.pixels
        return np.concatenate([rows[0], rows[-1], rows[:, 0], rows[:, -1]])

    @lazy_property
    def corner_means(self) -> tuple[float, ...]:
        """The mean of each corner, which is a rectangle of an eighth of the sides."""
        return tuple(mean(corner) for corner in corners(self.pixels))

    def negative(self) -> "GreyImage":
        """Return the negative; its levels are those of the picture in reverse."""
        return GreyImage(WHITE - self.pixels, levels=WHITE - self.levels[::-1])

    def transposed(self) -> "GreyImage":
        """Return the picture with rows and columns exchanged; its levels are the same."""
        return GreyImage(self.pixels.T, levels=self.levels)

    def crop(self, box: Box) -> "GreyImage":
        """Return the part of the picture within a box."""
        return GreyImage(self.pixels[box])


def corners(pixels: NDArray[Pixel]) -> list[NDArray[Pixel]]:
    """Return the four corners of a picture (H, W), an eighth of the sides each."""
    tall, wide = (-(-side // CORNER_DIVISOR) for side in pixels.shape)
    return [
        part for row in (pixels[:tall], pixels[-tall:]) for part in (row[:, :wide], row[:, -wide:])
    ]


def mean(values: Grey32) -> float:
    """Return the arithmetic mean of all values; faster than ``np.mean`` for small arrays."""
    return float(np.add.reduce(values, axis=None)) / values.size
