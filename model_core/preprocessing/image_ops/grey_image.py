"""A greyscale picture together with statistics of it, each computed once."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.image_ops.order_statistics import sort_values, trimmed_range
from model_core.preprocessing.image_ops.types import WHITE, Box, Grey8, Grey32

Pixel = TypeVar("Pixel", bound=np.generic)

# The sides of a corner are 1 / this of the picture's, rounded up: chosen so that what fills the
# middle of a picture leaves its corners bare.
CORNER_DIVISOR = 8


class GreyImage:
    """A greyscale picture with cached order statistics, border and corner means.

    Shapes: ``pixels`` (H, W) float32, never changed. Units: grey levels 0..255.
    """

    # functools.cached_property would take a lock each time in Python 3.11: 7 us a picture.
    __slots__ = ("_border", "_corner_means", "_levels", "_trimmed_range", "pixels")

    def __init__(self, pixels: Grey32, *, levels: Grey32 | None = None) -> None:
        """Take a picture, and its sorted levels if they are known."""
        self.pixels = pixels
        self._levels = levels
        self._trimmed_range: tuple[float, float] | None = None
        self._border: Grey32 | None = None
        self._corner_means: tuple[float, ...] | None = None

    @classmethod
    def of_whole_levels(cls, pixels: Grey8) -> "GreyImage":
        """Return a picture of whole grey levels; to sort these takes a fifth of the time."""
        ordered = np.sort(pixels, axis=None, kind="stable")  # a radix sort
        return cls(pixels.astype(np.float32), levels=ordered.astype(np.float32))

    @property
    def levels(self) -> Grey32:
        """The values of all pixels in ascending order, (H * W,) float32."""
        if self._levels is None:
            self._levels = sort_values(self.pixels)
        return self._levels

    @property
    def trimmed_range(self) -> tuple[float, float]:
        """The second darkest and second lightest pixel's level."""
        if self._trimmed_range is None:
            self._trimmed_range = trimmed_range(self.levels)
        return self._trimmed_range

    @property
    def middle(self) -> float:
        """The level half way between the ends of the trimmed range."""
        low, high = self.trimmed_range
        return (low + high) / 2

    @property
    def border(self) -> Grey32:
        """The outermost pixels on all four sides; those in the corners appear twice."""
        if self._border is None:
            rows = self.pixels
            self._border = np.concatenate([rows[0], rows[-1], rows[:, 0], rows[:, -1]])
        return self._border

    @property
    def corner_means(self) -> tuple[float, ...]:
        """The mean of each corner, which is a rectangle of an eighth of the sides."""
        if self._corner_means is None:
            self._corner_means = tuple(mean(corner) for corner in corners(self.pixels))
        return self._corner_means

    def negative(self) -> "GreyImage":
        """Return the negative; its levels are those of the picture in reverse."""
        return GreyImage(WHITE - self.pixels, levels=WHITE - self.levels[::-1])

    def transposed(self) -> "GreyImage":
        """Return the picture with rows and columns exchanged; its levels are the same."""
        return GreyImage(self.pixels.T, levels=self._levels)

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
