"""Accuracy on generated sheets: boxes found, answers right, empty boxes called blank.

Run with ``python -m benchmarks.sheets [--count N] [--model NAME] [--mnist DIR]``. A sheet is a
layout with rules of one style, filled with MNIST's test digits, as a scan or as a photo. A row is a
layout, the last one is all of them.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np

from benchmarks.sheets.evaluation import Truth, evaluate, read_sheet
from benchmarks.sheets.layouts import LAYOUTS
from benchmarks.sheets.page import Digits, draw_page
from benchmarks.sheets.photograph import photo, scan
from model_core.weights import load_weights, pretrained_dir
from training.data.mnist import data_directory, read_mnist

HEADER = (
    "| layout | sheets | boxes found | false | right of accepted | digits abstained | blank | s |"
)


def row(name: str, counts: Counter[str], seconds: list[float]) -> str:
    """Return a row of the table; the last cell is the median time of a sheet."""
    shares = [
        ("found", "truth"),
        ("false", "truth"),
        ("right", "accepted"),
        ("abstained", "genuine"),
        ("blank", "empty"),
    ]
    cells = [f"{counts[part] / max(counts[whole], 1):.4f}" for part, whole in shares]
    return f"| {name} | {counts['pages']} | {' | '.join(cells)} | {np.median(seconds):.2f} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sheets", description=__doc__)
    parser.add_argument("--mnist", type=Path, help="directory of MNIST (default: DIGITS_DATA)")
    parser.add_argument("--model", default="cnn", help="a shipped model (default: cnn)")
    parser.add_argument("--count", type=int, default=200, help="sheets (default: 200)")
    arguments = parser.parse_args()
    classifier = load_weights(pretrained_dir() / f"{arguments.model}.safetensors").classifier
    mnist = read_mnist(data_directory(arguments.mnist))
    digits = Digits(mnist.test_images, mnist.test_labels)
    known = "".join(map(str, classifier.labels))
    print(HEADER + "\n|---|" + "--:|" * (HEADER.count("|") - 2))
    total: Counter[str] = Counter()
    times: list[float] = []
    for place, (name, layout) in enumerate(LAYOUTS.items()):
        counts: Counter[str] = Counter()
        seconds: list[float] = []
        for seed in range(place, arguments.count, len(LAYOUTS)):
            rng = np.random.default_rng(seed)
            look = (scan, photo)[int(rng.integers(2))]
            sheet = look(draw_page(layout(rng), digits, rng), rng)
            corners = sheet.corners.reshape(-1, 4, 2)
            truth = [Truth(*pair) for pair in zip(corners, sheet.contents, strict=True)]
            read = read_sheet(sheet.picture, classifier)
            counts += evaluate(read, truth, lambda _: False, known)
            seconds.append(read.seconds)
        print(row(name, counts, seconds), flush=True)
        total += counts
        times += seconds
    print(row("all", total, times))


if __name__ == "__main__":
    main()
