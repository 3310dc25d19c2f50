"""Marked digits: struck out, framed, or left blank in a dark patch."""

import numpy as np

from model_core.parameter import Array
from training.data.synthetic.altered_digits import DIGITS, DigitImages, draw_digit
from training.data.synthetic.drawing import SIZE, crop, draw_lines

# Share of the drawing's side that a framed digit takes.
FRAMED = (0.35, 0.6)


def struck_out(rng: np.random.Generator, digit_images: DigitImages) -> Array:
    """Return a digit under one long stroke or several, which reach beyond it on both sides.

    A 0 or a 7 has at least two: with one they are a slashed zero and a barred seven. One stroke
    alone is as wide as the digit's: a thinner one is a scratch, and the digit is still read.
    """
    digit = int(rng.integers(len(DIGITS)))
    ink = _placed(draw_digit(rng, digit_images, (digit,)), rng.uniform(0.5, 0.8))
    count = int(rng.choice([1, 2, 3, 6], p=[0.35, 0.3, 0.2, 0.15])) + (digit in (0, 7))
    width = rng.uniform(3.5, 5.5) if count == 1 else rng.uniform(1.5, 5)
    slope = rng.choice([-1, 1]) * rng.uniform(0.1, 0.9)
    lines: list[Array] = []
    for place in rng.uniform(0.3, 0.7, count):
        rise = 0.5 * (slope + rng.normal(0, 0.08))
        lines.append(np.array([[0, place + rise], [1, place - rise]], np.float32))
    if rng.random() < 0.3:  # crossed out
        lines.append(np.array([[0, lines[0][1, 1]], [1, lines[0][0, 1]]], np.float32))
    both: Array = np.maximum(ink, draw_lines(lines, width))
    return both


def framed(rng: np.random.Generator, digit_images: DigitImages) -> Array:
    """Return a digit within a ring, a box or a bracket; no 1, since a ring around it is a 0."""
    among = tuple(digit for digit in DIGITS if digit != 1)
    ink = _placed(draw_digit(rng, digit_images, among), rng.uniform(*FRAMED))
    turn = np.linspace(0, 2 * np.pi * rng.uniform(0.85, 1.05), 24) + rng.uniform(0, 6.3)
    ring = 0.5 + 0.5 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    box = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) + rng.normal(0, 0.03, (5, 2))
    frame = [ring, box, box[:3], box[:4]][int(rng.integers(4))]
    both: Array = np.maximum(ink, draw_lines([frame.astype(np.float32)], rng.uniform(1.5, 5)))
    return both


def in_a_blot(rng: np.random.Generator, digit_images: DigitImages) -> Array:
    """Return a digit left blank in a dark patch that normalising could not tell from it."""
    ink = _placed(draw_digit(rng, digit_images, DIGITS), rng.uniform(0.5, 0.75))
    down, across = (np.mgrid[:SIZE, :SIZE] - SIZE / 2) / (SIZE * rng.uniform(0.36, 0.5, (2, 1, 1)))
    power = rng.choice([2, 8])
    patch = np.abs(down) ** power + np.abs(across) ** power < 1
    blot: Array = patch * (1 - rng.uniform(0.5, 1) * ink)
    return blot


def several(rng: np.random.Generator, digit_images: DigitImages) -> Array:
    """Return a window on a line of writing: a digit with parts of its neighbours."""
    inks = [crop(draw_digit(rng, digit_images, DIGITS)) for _ in range(3)]
    height = max(len(ink) for ink in inks)
    parts = []
    for ink in inks:
        part = np.zeros((height, ink.shape[1] + int(rng.integers(1, 5))), np.float32)
        part[height - len(ink) :, : ink.shape[1]] = ink
        parts.append(part)
    row = np.concatenate(parts, axis=1)
    first, last = (int(rng.uniform(0.1, 0.6) * parts[end].shape[1]) for end in (0, 2))
    return row[:, first : row.shape[1] - last]


def _placed(ink: Array, share: float) -> Array:
    """Return a digit that takes a share of the middle of a drawing, (SIZE, SIZE)."""
    digit = crop(ink)
    side = max(round(share * SIZE), 8)
    height, width = (max(1, round(side * length / max(digit.shape))) for length in digit.shape)
    rows, columns = (
        (np.arange(count) * length // count)
        for count, length in zip((height, width), digit.shape, strict=True)
    )
    result = np.zeros((SIZE, SIZE), np.float32)
    top, left = (SIZE - height) // 2, (SIZE - width) // 2
    result[top : top + height, left : left + width] = digit[rows][:, columns]
    return result
