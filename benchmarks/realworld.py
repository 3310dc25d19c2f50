"""Accuracy and abstention on real-world pictures, preprocessed as in the service.

Run with ``python -m benchmarks.realworld [--data DIR] [--model cnn --model dnn]``. DIR holds
``<set>/<label>/<file>``, where a label is a digit, or ``ood`` for anything else; MNIST's test
images come first, if MNIST is there (DIGITS_DATA). A set has three columns a model: the share of
right digits, of pictures without an answer, and of errors among the accepted answers. Below the
table: the time of preprocessing, in microseconds per picture.
"""

import argparse
import os
import timeit
from dataclasses import dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from app.images.decoder import open_image
from app.images.greyscale import to_grey
from benchmarks.predict import predict
from model_core.classifier import Classifier
from model_core.errors import ModelCoreError
from model_core.preprocessing import NormalisedImage, normalise
from model_core.preprocessing.image_ops.area_resize import area_resize
from model_core.weights import load_weights, pretrained_dir
from training.data.mnist import Mnist, data_directory, missing_files, read_mnist
from training.recipes import DIGITS

DATA = Path("../shared/realworld")
MAX_PIXELS = 25_000_000
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Pictures:
    """Normalised pictures, and the label of each: a digit as text, or anything else."""

    images: list[NormalisedImage]
    labels: list[str]


@dataclass(frozen=True, slots=True)
class Score:
    """Result on one set of pictures; ``right`` counts digits that the model was trained for."""

    images: int
    digits: int
    right: int
    abstained: int
    wrong_accepted: int

    def cells(self) -> str:
        """Return three cells of the table."""
        accepted = self.images - self.abstained
        accuracy = f"{self.right / self.digits:.4f}" if self.digits else ""
        error = f"{self.wrong_accepted / accepted:.4f}" if accepted and self.digits else ""
        return f"{accuracy} | {self.abstained / self.images:.4f} | {error}"


def read_sets(data: Path) -> dict[str, Pictures]:
    """Return the pictures of every set in a directory, by name."""
    folders = sorted(path for path in data.iterdir() if path.is_dir())
    return {folder.name: read_folder(folder) for folder in folders}


def read_folder(folder: Path) -> Pictures:
    """Return the pictures of one set."""
    paths = sorted(folder.glob("*/*"))
    return Pictures(
        [normalise(decode(path)) for path in paths], [path.parent.name for path in paths]
    )


def read_mnist_sets(mnist: Mnist) -> dict[str, Pictures]:
    """Return MNIST's test images: the digits 0-4, and the others."""
    known = np.isin(mnist.test_labels, DIGITS)
    return {
        name: Pictures(
            [normalise(image) for image in mnist.test_images[part]],
            list(map(str, mnist.test_labels[part])),
        )
        for name, part in (("mnist_test", known), ("mnist_test_5to9", ~known))
    }


def score(pictures: Pictures, classifier: Classifier) -> Score:
    """Return the score of a classifier on normalised pictures."""
    answers = predict(pictures.images, classifier)
    digits = [_digit(label, classifier) for label in pictures.labels]
    pairs = list(zip(answers, digits, strict=True))
    return Score(
        images=len(pairs),
        digits=sum(digit is not None for digit in digits),
        right=sum(answer.digit == digit for answer, digit in pairs),
        abstained=sum(answer.decision == "abstain" for answer in answers),
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


def load_models(names: list[str] | None) -> dict[str, Classifier]:
    """Return shipped models by name; all of them for None."""
    if names is None:
        names = sorted(path.stem for path in pretrained_dir().glob("*.safetensors"))
    try:
        loaded = {name: load_weights(pretrained_dir() / f"{name}.safetensors") for name in names}
    except ModelCoreError as error:
        raise SystemExit(f"error: {error}") from None
    return {name: pretrained.classifier for name, pretrained in loaded.items()}


def print_table(sets: dict[str, Pictures], models: dict[str, Classifier]) -> None:
    """Print a row for each set, with three columns for each model."""
    columns = [f"{name}: right | abstained | wrong of accepted" for name in models]
    print(f"| set | images | {' | '.join(columns)} |\n|---|--:|{'--:|' * 3 * len(models)}")
    for name, pictures in sets.items():
        cells = [score(pictures, model).cells() for model in models.values()]
        print(f"| {name} | {len(pictures.labels):,} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.realworld", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help=f"(default: {DATA})")
    parser.add_argument("--model", action="append", help="a shipped model (default: all)")
    arguments = parser.parse_args()
    if not any(arguments.data.glob("*/*/*")):
        raise SystemExit(f"error: {arguments.data}: expected <set>/<label>/<file>, got nothing")
    models = load_models(arguments.model)
    place = data_directory(None)
    sets = {} if missing_files(place) else read_mnist_sets(read_mnist(place))
    print_table(sets | read_sets(arguments.data), models)
    print("\n| normalise | microseconds per picture |\n|---|--:|")
    for name, microseconds in time_normalise(np.random.default_rng(0)).items():
        print(f"| {name} | {microseconds:,.0f} |")


if __name__ == "__main__":
    main()
