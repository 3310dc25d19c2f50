"""Printing of a glyph."""

import numpy as np

from training.data.typefaces.printing import print_glyph


def four(width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Return a 4 whose thin strokes have a width."""
    ink = np.zeros((40, 30), np.float32)
    ink[:, 18:24] = 1
    ink[24 : 24 + width] = 1
    ink[: 24 + width, :width] = 1
    return ink


def test_hairlines_do_not_vanish(rng: np.random.Generator) -> None:
    """However a glyph is printed, its hairlines leave ink: without them a 4 is a bar."""
    for _ in range(60):
        seen = print_glyph(four(2), rng)
        columns = np.flatnonzero((seen > 0.15 * seen.max()).any(axis=0))
        rows = np.flatnonzero((seen > 0.15 * seen.max()).any(axis=1))
        assert np.ptp(columns) > 0.3 * np.ptp(rows)


def test_counters_are_not_filled(rng: np.random.Generator) -> None:
    """However bold a glyph is printed, the hole of a ring stays lighter than the ring."""
    ink = np.ones((40, 28), np.float32)
    ink[8:-8, 9:-9] = 0
    for _ in range(60):
        seen = print_glyph(ink, rng)
        assert (
            seen[len(seen) // 2 - 1 : len(seen) // 2 + 1]
            .min(axis=0)[len(seen) // 2 - 1 : len(seen) // 2 + 1]
            .min()
            < 0.8 * seen.max()
        )


def test_prints_differ(rng: np.random.Generator) -> None:
    """The same glyph is printed differently each time."""
    assert len({print_glyph(four(5), rng).tobytes() for _ in range(10)}) == 10
