"""Accuracy and abstention on real-world pictures, preprocessed as in the service.

Run with ``python -m benchmarks.realworld [--data DIR] [--model cnn]``. DIR holds
``<set>/<label>/<file>``, where a label is a digit, or ``ood`` for anything else; MNIST's test
images come first, if MNIST is there (DIGITS_DATA). Below the table: the time of preprocessing, in
microseconds per picture.
"""

import argparse
import os
import timeit
from dataclasses import dataclass
from functools import partial, reduce
from operator import add
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from app.images.decoder import open_image
from app.images.greyscale import to_grey
from model_core.classifier import Classifier
from model_core.errors import ModelCoreError
from model_core.preprocessing import NormalisedImage, downsample, normalise
from model_core.preprocessing.image_ops.area_resize import area_resize
from model_core.weights import load_weights, pretrained_dir
from training.data.mnist import Mnist, data_directory, missing_files, read_mnist

DATA = Path("../shared/realworld")
MAX_PIXELS = 25_000_000
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Score:
    """Result on one set of pictures; ``right`` counts digits that the model was trained for."""

    images: int
    digits: int
    right: int
    abstained: int
    wrong_accepted: int

    def row(self, name: str) -> str:
        """Return a row of the table."""
        accepted = self.images - self.abstained
        accuracy = f"{self.right / self.digits:.3f}" if self.digits else ""
        error = f"{self.wrong_accepted / accepted:.3f}" if accepted else ""
        abstained = f"{self.abstained / self.images:.3f}"
        return f"| {name} | {self.images:,} | {accuracy} | {abstained} | {error} |"

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.images + other.images,
            self.digits + other.digits,
            self.right + other.right,
            self.abstained + other.abstained,
            self.wrong_accepted + other.wrong_accepted,
        )


def measure(data: Path, classifier: Classifier) -> dict[str, Score]:
    """Return the score of every set in a directory, by name."""
    folders = sorted(path for path in data.iterdir() if path.is_dir())
    return {folder.name: score_folder(folder, classifier) for folder in folders}


def score_folder(folder: Path, classifier: Classifier) -> Score:
    """Return the score of one set."""
    paths = sorted(folder.glob("*/*"))
    images = [normalise(decode(path)) for path in paths]
    return score(images, [path.parent.name for path in paths], classifier)


def score_mnist(mnist: Mnist, classifier: Classifier) -> dict[str, Score]:
    """Return the scores of MNIST's test images: the model's digits, and the other digits."""
    known = np.isin(mnist.test_labels, classifier.labels)
    parts = {"mnist_test": known, "mnist_test_others": ~known}
    return {
        name: score(
            [normalise(image) for image in mnist.test_images[part]],
            list(map(str, mnist.test_labels[part])),
            classifier,
        )
        for name, part in parts.items()
    }


def score(images: list[NormalisedImage], labels: list[str], classifier: Classifier) -> Score:
    """Return the score of normalised pictures with these labels."""
    pixels = downsample(np.stack([image.pixels for image in images]))
    answers = classifier.predict(pixels, [image.trust for image in images])
    pairs = list(zip(answers, [_digit(label, classifier) for label in labels], strict=True))
    return Score(
        images=len(pairs),
        digits=sum(digit is not None for _, digit in pairs),
        right=sum(answer.digit == digit for answer, digit in pairs),
        abstained=sum(answer.decision == "abstain" for answer, _ in pairs),
        wrong_accepted=sum(
            answer.decision == "accept" and answer.digit != digit for answer, digit in pairs
        ),
    )


def _digit(label: str, classifier: Classifier) -> int | None:
    """Return the digit that a label means; None if the right answer is to abstain."""
    return int(label) if label.isdecimal() and int(label) in classifier.labels else None


def decode(path: Path) -> NDArray[np.uint8]:
    """Decode a file to grey pixels as the service does."""
    return to_grey(open_image(path.read_bytes(), max_pixels=MAX_PIXELS))


def time_normalise(rng: np.random.Generator) -> dict[str, float]:
    """Return the time of preprocessing by kind of picture: microseconds, best of a few rounds."""
    stroke = np.zeros((28, 28), np.uint8)
    stroke[4:24, 12:16] = 255
    noisy = np.clip(stroke.astype(np.int64) * 0.6 + rng.normal(60, 4, stroke.shape), 0, 255)
    small = area_resize(255 - noisy.astype(np.uint8), (64, 64))
    large = area_resize(255 - noisy.astype(np.uint8), (3000, 4000))
    pictures = {"28x28, MNIST's form": stroke, "64x64": small, "4000x3000": large}
    times = {}
    for name, picture in pictures.items():
        number = max(1, 2_000_000 // (picture.size + 10_000))
        seconds = timeit.repeat(partial(normalise, picture), number=number, repeat=ROUNDS)
        times[name] = min(seconds) / number * 1e6
    return times


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.realworld", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help=f"(default: {DATA})")
    parser.add_argument("--model", default="cnn", help="a shipped model (default: cnn)")
    arguments = parser.parse_args()
    if not any(arguments.data.glob("*/*/*")):
        raise SystemExit(f"error: {arguments.data}: expected <set>/<label>/<file>, got nothing")
    try:
        classifier = load_weights(pretrained_dir() / f"{arguments.model}.safetensors").classifier
    except ModelCoreError as error:
        raise SystemExit(f"error: {error}") from None
    place = data_directory(None)
    scores = {} if missing_files(place) else score_mnist(read_mnist(place), classifier)
    scores |= measure(arguments.data, classifier)
    print("| set | images | accuracy | abstained | error among accepted |\n|---|--:|--:|--:|--:|")
    for name, score in scores.items():
        print(score.row(name))
    print(reduce(add, scores.values()).row("total"))
    print("\n| normalise | microseconds per picture |\n|---|--:|")
    for name, microseconds in time_normalise(np.random.default_rng(0)).items():
        print(f"| {name} | {microseconds:,.0f} |")


if __name__ == "__main__":
    main()
