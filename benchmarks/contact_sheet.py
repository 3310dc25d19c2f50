"""Contact sheets of the training pictures: PNG files that show some of each kind, for the docs.

Run with ``python -m benchmarks.contact_sheet [--mnist DIR] [--out DIR] [--seed N]``.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.data.dataset import indices_by_digit
from training.data.handwriting.draw import draw_handwriting
from training.data.mnist import data_directory, read_mnist
from training.data.stroke_styles import vary_stroke_styles
from training.data.synthetic import DigitImages
from training.data.synthetic.distractors import add_distractors
from training.data.synthetic.kinds import KINDS, draw_kind
from training.data.typefaces.printed_digits import printed_digits

Pixels = NDArray[np.uint8]
Rows = Callable[[DigitImages, np.random.Generator], list[Pixels]]

COLUMNS = 24
# Grey levels of a sheet, and the value of the lines between its pictures.
LEVELS, LINE = 16, 200


def of_kinds(*kinds: str) -> Rows:
    """Return a sheet with one row of each of some kinds of synthetic pictures."""
    return lambda known, rng: [
        np.stack([draw_kind(KINDS[kind][0], known, rng) for _ in range(COLUMNS)]) for kind in kinds
    ]


def of_digits(draw: Callable[[NDArray[np.intp], np.random.Generator], Pixels]) -> Rows:
    """Return a sheet with one row of each digit, drawn for its labels."""
    return lambda _, rng: [draw(np.full(COLUMNS, digit), rng) for digit in range(10)]


def of_mnist(change: Callable[[Pixels, np.random.Generator], Pixels]) -> Rows:
    """Return a sheet with one row of each of MNIST's digits, changed."""
    return lambda known, rng: [
        change(known.images[rng.choice(numbers, COLUMNS, replace=len(numbers) < COLUMNS)], rng)
        for numbers in known.by_digit
    ]


# Each sheet, named as its file: its rows from the top.
SHEETS: dict[str, Rows] = {
    "handwriting": of_digits(draw_handwriting),
    "printed": of_digits(printed_digits),
    "pens": of_mnist(vary_stroke_styles),
    "distractors": of_mnist(add_distractors),
    "letters": of_kinds(
        *("written letter", "pen letter", "handwriting letter", "printed letter"),
        *("other script", "printed other script"),
    ),
    "strokes": of_kinds("character", "curves", "straight", "scribble", "dots"),
    "altered": of_kinds(
        *("mirrored", "turned", "half", "side by side", "several", "on top"),
        *("struck out", "framed", "in a blot"),
    ),
    "scenes": of_kinds("noise", "blots", "stripes", "shade", "coloured noise", "scene"),
}


def contact_sheet(rows: list[Pixels]) -> Pixels:
    """Return rows of pictures on one sheet, dark on white.

    Shapes: each row (N, 28, 28) uint8, with the same N -> (H, W) uint8.
    """
    width = len(rows[0])
    framed = np.pad(np.stack(rows), ((0, 0), (0, 0), (1, 0), (1, 0)), constant_values=255 - LINE)
    side = framed.shape[-1]
    sheet = framed.transpose(0, 2, 1, 3).reshape(len(rows) * side, width * side)
    step = 255 // (LEVELS - 1)
    coarse: Pixels = (255 - np.rint(sheet / step) * step).astype(np.uint8)
    return coarse


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.contact_sheet", description=__doc__)
    parser.add_argument("--mnist", type=Path, help="directory of MNIST (default: DIGITS_DATA)")
    parser.add_argument(
        "--out", type=Path, default=Path("docs/images"), help="(default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="(default: %(default)s)")
    arguments = parser.parse_args()
    mnist = read_mnist(data_directory(arguments.mnist))
    by_digit = indices_by_digit(mnist.train_labels, digits=tuple(range(10)), part=slice(None))
    known = DigitImages(mnist.train_images, by_digit)
    for name, rows in SHEETS.items():
        sheet = contact_sheet(rows(known, np.random.default_rng(arguments.seed)))
        path = arguments.out / f"training-{name}.png"
        Image.fromarray(sheet).save(path, optimize=True)
        print(f"{path}: {path.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
