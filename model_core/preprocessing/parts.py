"""The connected parts of the ink: how much, where, and how they lie to the border."""

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]
Flags = NDArray[np.bool_]

# Parts with less than this share of the main part's mass are specks.
SPECK = 0.06


class Parts:
    """What is known of each part; every attribute has one value a part."""

    def __init__(self, labels: NDArray[np.int32], count: int, contrast: Grey) -> None:
        rows, columns = np.nonzero(labels)
        number = labels[rows, columns] - 1
        weight = contrast[rows, columns]
        self.shape = labels.shape
        self.size = np.bincount(number, minlength=count)
        self.mass = np.bincount(number, weight, count)
        self.peak = np.zeros(count)
        np.maximum.at(self.peak, number, weight)
        self.top, self.bottom = _extent(number, rows, count)
        self.left, self.right = _extent(number, columns, count)
        self._place(number, rows, columns, weight)

    def _place(
        self,
        number: NDArray[np.int32],
        rows: NDArray[np.intp],
        columns: NDArray[np.intp],
        weight: Grey,
    ) -> None:
        height, width = self.shape
        count = len(self.size)
        y, x = abs((rows + 0.5) / height - 0.5), abs((columns + 0.5) / width - 0.5)
        far = np.maximum(y, x)
        self.outer = np.bincount(number, weight * (far > 0.36), count) / self.mass
        self.centred = np.bincount(number, weight * (1 - far), count)
        self.corner = np.bincount(number, np.minimum(y, x) > 0.4, count) > 0
        down, across = height // 40, width // 40
        self.touches = (
            (self.top <= down)
            | (self.left <= across)
            | (self.bottom >= height - 1 - down)
            | (self.right >= width - 1 - across)
        )

    def digit(self, strong: float) -> Flags:
        """Return which parts make up the digit: the main one, and what lies close to it.

        Units: ``strong`` is the contrast that the digit's darkest pixel has at least.
        """
        eligible = (self.peak >= strong) & ~self._is_frame()
        if not eligible.any():
            return eligible
        main = int(np.argmax(np.where(eligible, self.centred, -1)))
        chosen: Flags = (
            eligible
            & (self.mass >= SPECK * self.mass[main])
            & (self._gap(main) <= 0.2 * self._length()[main] + 1)
            & (~self.touches | self.touches[main])
        )
        return chosen

    def specks(self, digit: Flags) -> int:
        """Return how many parts outside the digit are mere specks."""
        return int((~digit & (self.mass < SPECK * self.mass[digit].max(initial=0))).sum())

    def _is_frame(self) -> Flags:
        """Tell which parts run along the border: beside a digit, as a line, or around a corner."""
        height, width = self.bottom - self.top + 1, self.right - self.left + 1
        tall, wide = height / self.shape[0], width / self.shape[1]
        length = np.maximum(height, width)
        hugs = self.outer > 0.75
        inside = ~hugs & (np.maximum(tall, wide) > 0.2)
        large = (tall > 0.6) & (wide > 0.6)
        line = (length >= 4 * np.minimum(height, width)) & (length > 0.25 * max(self.shape))
        around = self.corner & ((tall > 0.4) | (wide > 0.4)) & (length > 0.25 * max(self.shape))
        result: Flags = hugs & (bool(inside.any()) | (line & ~large) | around)
        return result

    def _length(self) -> NDArray[np.intp]:
        length: NDArray[np.intp] = np.maximum(self.bottom - self.top, self.right - self.left)
        return length

    def _gap(self, main: int) -> NDArray[np.intp]:
        """Return how far the box of each part is from that of the main part."""
        down = np.maximum(self.top - self.bottom[main], self.top[main] - self.bottom)
        across = np.maximum(self.left - self.right[main], self.left[main] - self.right)
        gap: NDArray[np.intp] = np.maximum(down, across)
        return gap


def _extent(
    number: NDArray[np.int32], places: NDArray[np.intp], count: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    first, last = np.full(count, 1 << 30), np.full(count, -1)
    np.minimum.at(first, number, places)
    np.maximum.at(last, number, places)
    return first, last
