"""Abstention on two digits in one picture, by the gap between them.

Run with ``python -m benchmarks.pairs [--mnist DIR] [--model NAME] [--pairs N]``. A row is a gap in
heights of the digits: the share of pairs that were accepted as one digit, which is wrong, and the
share that got the reason ``several_digits``. Below: one digit alone, with what may be taken for a
second one: a dot, a broken stroke, a piece of a frame, a neighbour that is cut off by the border.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.predict import predict
from benchmarks.scenes.drawing import photograph
from model_core.classifier import Classifier, Prediction
from model_core.preprocessing import normalise
from model_core.weights import load_weights, pretrained_dir
from tests.support.scenes import Grey, Rng, shape
from training.data.mnist import data_directory, read_mnist

Pixels = NDArray[np.uint8]

# Heights of the digits between the two.
GAPS = (0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5)
# Pixels: the digits' height, from and to.
HEIGHTS = (40, 120)


def pair(left: Pixels, right: Pixels, gap: float, rng: Rng) -> Pixels:
    """Return a picture of two digits of about the same height, ``gap`` heights apart.

    Shapes: both (28, 28) uint8 -> (H, W) uint8.
    """
    height = int(rng.integers(*HEIGHTS))
    thicker = rng.uniform(0, 0.3)
    first, second = (round(height * rng.uniform(0.85, 1.15)) for _ in range(2))
    inks = [_crop(shape(left, first, thicker)), _crop(shape(right, second, thicker))]
    tall = max(ink.shape[0] for ink in inks)
    parts = [_fill_height(ink, tall, rng) for ink in inks]
    between = np.zeros((tall, round(gap * height)))
    return _photograph(np.pad(np.hstack([parts[0], between, parts[1]]), round(0.4 * height)), rng)


def with_dot(digit: Pixels, rng: Rng) -> Pixels:
    """Return a digit with a full stop behind it."""
    ink = _alone(digit, rng)
    side = max(2, ink.shape[0] // 14)
    sheet = np.pad(ink, ((0, 0), (0, 3 * side)))
    sheet[-side:, -side:] = 1
    return _photograph(np.pad(sheet, ink.shape[0] // 3), rng)


def broken(digit: Pixels, rng: Rng) -> Pixels:
    """Return a digit whose strokes a white line crosses."""
    ink = _alone(digit, rng)
    row = round(ink.shape[0] * rng.uniform(0.3, 0.7))
    ink[row : row + max(1, ink.shape[0] // 20)] = 0
    return _photograph(np.pad(ink, ink.shape[0] // 3), rng)


def with_frame(digit: Pixels, rng: Rng) -> Pixels:
    """Return a digit with a piece of its cell's frame on the left and below."""
    ink = _alone(digit, rng)
    sheet = np.pad(ink, ink.shape[0] // 3)
    width = max(1, ink.shape[0] // 25)
    sheet[:, :width] = 0.8
    sheet[-width:] = 0.8
    return _photograph(sheet, rng)


def with_cut_neighbour(digit: Pixels, rng: Rng) -> Pixels:
    """Return a digit and the left third of another one, cut off by the border."""
    ink, neighbour = _alone(digit, rng), _alone(digit, rng)
    margin = np.zeros((ink.shape[0], ink.shape[0] // 3))
    third = _fill_height(neighbour, ink.shape[0], rng)[:, : max(1, neighbour.shape[1] // 3)]
    sheet = np.hstack([margin, ink, margin, third])
    return _photograph(np.pad(sheet, ((ink.shape[0] // 3,) * 2, (0, 0))), rng)


SINGLE: dict[str, Callable[[Pixels, Rng], Pixels]] = {
    "a full stop behind it": with_dot,
    "a broken stroke": broken,
    "a piece of a frame": with_frame,
    "a neighbour cut off by the border": with_cut_neighbour,
}


def _alone(digit: Pixels, rng: Rng) -> Grey:
    return _crop(shape(digit, int(rng.integers(*HEIGHTS)), rng.uniform(0, 0.3)))


def _crop(ink: Grey) -> Grey:
    rows, columns = (np.flatnonzero((ink > 0.3).any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()


def _fill_height(ink: Grey, tall: int, rng: Rng) -> Grey:
    """Return ink with paper above and below, ``tall`` pixels high; cut off if it is higher."""
    ink = ink[:tall]
    above = int(rng.integers(tall - ink.shape[0] + 1))
    return np.pad(ink, ((above, tall - ink.shape[0] - above), (0, 0)))


def _photograph(ink: Grey, rng: Rng) -> Pixels:
    return np.clip(photograph(ink, rng), 0, 255).astype(np.uint8)


def _ask(pictures: list[Pixels], classifier: Classifier) -> list[Prediction]:
    return predict([normalise(picture) for picture in pictures], classifier)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pairs", description=__doc__)
    parser.add_argument("--mnist", type=Path, help="directory of MNIST (default: DIGITS_DATA)")
    parser.add_argument("--model", default="cnn", help="a shipped model (default: cnn)")
    parser.add_argument("--pairs", type=int, default=80, help="pictures a row (default: 80)")
    arguments = parser.parse_args()
    classifier = load_weights(pretrained_dir() / f"{arguments.model}.safetensors").classifier
    mnist = read_mnist(data_directory(arguments.mnist))
    known = mnist.test_images[np.isin(mnist.test_labels, classifier.labels)]
    rng = np.random.default_rng(17)
    print("| gap in heights | accepted | several_digits |\n|---|--:|--:|")
    for gap in GAPS:
        chosen = known[rng.choice(len(known), (arguments.pairs, 2))]
        drawn = [pair(left, right, gap, rng) for left, right in chosen]
        given = _ask(drawn, classifier)
        accepted = np.mean([one.decision == "accept" for one in given])
        several = np.mean([one.reason == "several_digits" for one in given])
        print(f"| {gap} | {accepted:.3f} | {several:.3f} |", flush=True)
    print("\n| one digit with | abstained | several_digits |\n|---|--:|--:|")
    for name, draw in SINGLE.items():
        numbers = rng.choice(len(known), arguments.pairs)
        given = _ask([draw(known[number], rng) for number in numbers], classifier)
        abstained = np.mean([one.decision == "abstain" for one in given])
        several = np.mean([one.reason == "several_digits" for one in given])
        print(f"| {name} | {abstained:.3f} | {several:.3f} |", flush=True)


if __name__ == "__main__":
    main()
