"""Preprocessing illustrated: ten synthetic uploads after each stage.

Run with ``python -m benchmarks.how_it_sees --out docs``: it writes ``how-it-sees.png``, one upload
a row (the upload, the digit that was found, 28x28, 14x14), and prints what was done to each.
"""

import argparse
import importlib
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model_core.preprocessing import NormalisedImage, describe, downsample, normalise
from tests.support.uploads import uploads

Pixels = NDArray[np.uint8]

# Pixels: the side of a picture on the sheet, what is left between two, and a line of text.
SIDE = 112
GAP = 10
HEAD = 18


def look(upload: Pixels) -> tuple[NormalisedImage, Pixels]:
    """Return an upload in MNIST's form, and the digit as it was cut out before it was scaled."""
    module = importlib.import_module("model_core.preprocessing.rendering")
    with patch.object(module, "scale_to_box", wraps=module.scale_to_box) as scale:
        result = normalise(upload)
    return result, (scale.call_args.args[0] * 255).astype(np.uint8)


def draw_sheet(rows: list[tuple[Pixels, ...]], heads: tuple[str, ...]) -> Image.Image:
    """Return one picture of all: a row for each upload, a column for each head."""
    width, height = len(heads) * (SIDE + GAP) + GAP, len(rows) * (SIDE + GAP) + GAP + HEAD
    sheet = Image.new("L", (width, height), 200)
    draw = ImageDraw.Draw(sheet)
    for column, head in enumerate(heads):
        draw.text((GAP + column * (SIDE + GAP), GAP // 2), head, fill=0)
    for row, pictures in enumerate(rows):
        for column, pixels in enumerate(pictures):
            fitted = _fit(pixels)
            left = GAP + column * (SIDE + GAP) + (SIDE - fitted.width) // 2
            top = HEAD + GAP + row * (SIDE + GAP) + (SIDE - fitted.height) // 2
            sheet.paste(fitted, (left, top))
    return sheet


def _fit(pixels: Pixels) -> Image.Image:
    picture = Image.fromarray(pixels)
    factor = SIDE / max(picture.size)
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    smooth = Image.Resampling.BOX if factor < 1 else Image.Resampling.NEAREST
    return picture.resize(size, smooth)


def table() -> str:
    """Return what was done to each upload, a row each."""
    steps = {name: map(describe, normalise(upload).steps) for name, upload in uploads()}
    rows = [f"| {name} | {', '.join(words)} |" for name, words in steps.items()]
    return "\n".join(["| upload | steps |", "|---|---|", *rows])


def main() -> None:
    """Write the picture and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.how_it_sees", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="directory for how-it-sees.png")
    arguments = parser.parse_args()
    rows: list[tuple[Pixels, ...]] = []
    for _, upload in uploads():
        result, found = look(upload)
        seen = np.rint(downsample(result.pixels[None])[0] * 255).astype(np.uint8)
        rows.append((upload, found, result.pixels, seen))
    sheet = draw_sheet(rows, ("upload", "digit found", "28x28", "14x14"))
    sheet.save(arguments.out / "how-it-sees.png", optimize=True)
    print(table())


if __name__ == "__main__":
    main()
