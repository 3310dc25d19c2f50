"""Accuracy and abstention on MNIST's test digits in synthetic scenes, with and without a digit.

Run with ``python -m benchmarks.scenery [--mnist DIR] [--model NAME] [--images N]``. A row is a
scene: accuracy and abstention of the digits the model knows, the share of errors among the accepted
answers, and abstention on the other digits and on the scene without a digit, where it is right.
In the second table a row is a scene in which no digit is the right answer, in the third one digits
in forms that few people write. Below: how many answers are right, and how many accepted wrongly, on
average over scenes; right is to accept the digit, or to abstain for what the model does not know.
"""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.images.greyscale import to_grey
from benchmarks.predict import predict
from benchmarks.scenes import colours
from benchmarks.scenes.forms import FORM_SCENES, draw_form
from benchmarks.scenes.paper import PAPER_SCENES
from benchmarks.scenes.shapes import REFUSED_SCENES, SHAPE_SCENES
from model_core.classifier import Classifier, Prediction
from model_core.preprocessing import normalise
from model_core.weights import load_weights, pretrained_dir
from tests.support.scenes import SCENES, Rng, shape
from training.data.mnist import data_directory, read_mnist

Pixels = NDArray[np.uint8]
Drawn = Callable[[NDArray[np.float64], Rng], NDArray[Any]]
Registry = Mapping[str, tuple[Drawn, tuple[int, int], tuple[float, float]]]

# The scenes with a digit, by the name of their kind.
REGISTRIES: dict[str, Registry] = {
    "the first ten": SCENES,
    "paper and light": PAPER_SCENES,
    "shapes": SHAPE_SCENES,
    "colours": {name: (scene, (60, 160), (0, 0.3)) for name, scene in colours.SCENES.items()},
}


def answers(
    registry: Registry, name: str, digits: Pixels, classifier: Classifier, rng: Rng
) -> list[Prediction]:
    """Return the predictions for pictures (N, 28, 28) uint8 in a scene; black: an empty scene."""
    scene, sizes, thicker = registry[name]
    seen = []
    for digit in digits:
        size = int(rng.integers(*sizes))
        empty = not digit.any()
        ink = np.zeros((size, size)) if empty else shape(digit, size, rng.uniform(*thicker))
        picture = np.clip(scene(ink, rng), 0, 255).astype(np.uint8)
        seen.append(normalise(picture if picture.ndim == 2 else to_grey(Image.fromarray(picture))))
    return predict(seen, classifier)


def row(own: list[tuple[Prediction, int]], refused: list[list[Prediction]]) -> str:
    """Return the cells of a scene's row: of known digits with labels, and of what is none."""
    right = [answer.digit == label for answer, label in own]
    accepted = [answer.digit == label for answer, label in own if answer.decision == "accept"]
    shares = [np.mean(right), 1 - len(accepted) / len(own), 1 - np.mean(accepted)]
    cells = [f"{share:.3f}" for share in shares]
    for answers in refused:  # none for a model that knows all digits
        abstained = [answer.decision == "abstain" for answer in answers]
        cells.append(f"{np.mean(abstained):.3f}" if abstained else "")
    return " | ".join(cells)


def accepted_shares(own: list[tuple[Prediction, int]]) -> tuple[float, float]:
    """Return the shares of all answers that are right and accepted, and accepted wrongly."""
    accepted = [answer.digit == label for answer, label in own if answer.decision == "accept"]
    return sum(accepted) / len(own), (len(accepted) - sum(accepted)) / len(own)


def print_scenes(
    registry: Registry, digits: Pixels, labels: list[int], others: Pixels, model: Classifier
) -> list[tuple[float, float]]:
    """Print a row for each scene with a digit; return the shares of ``accepted_shares``."""
    shares = []
    for name in registry:
        rng = np.random.default_rng(0)
        own = list(zip(answers(registry, name, digits, model, rng), labels, strict=True))
        pictures = (others, np.zeros_like(digits[: len(digits) // 2]))
        refused = [
            answers(registry, name, several, model, rng) if len(several) else []
            for several in pictures
        ]
        print(f"| {name} | {row(own, refused)} |", flush=True)
        shares.append(accepted_shares(own))
    return shares


def print_forms(count: int, model: Classifier) -> list[tuple[float, float]]:
    """Print a row for each scene of a form; return the shares of right and wrongly accepted."""
    print("\n| form | right | abstained | accepted wrongly |\n|---|--:|--:|--:|")
    shares = []
    for name, (digit, forms) in FORM_SCENES.items():
        rng = np.random.default_rng(12345)
        found = predict([normalise(draw_form(forms, rng)) for _ in range(count)], model)
        abstained = float(np.mean([answer.decision == "abstain" for answer in found]))
        wrong = [answer.decision == "accept" and answer.digit != digit for answer in found]
        shares.append((1 - abstained - float(np.mean(wrong)), float(np.mean(wrong))))
        if digit not in model.labels:
            shares[-1] = (abstained, 1 - abstained)
        print(f"| {name} | {shares[-1][0]:.3f} | {abstained:.3f} | {shares[-1][1]:.3f} |")
    return shares


def print_refused(digits: Pixels, model: Classifier) -> list[tuple[float, float]]:
    """Print a row for each scene in which the right answer is to abstain; return its shares."""
    print("\n| scene without an answer | abstained |\n|---|--:|")
    shares = []
    for name in REFUSED_SCENES:
        if name == "tall seven" and 7 in model.labels:
            continue  # the model knows it
        found = answers(REFUSED_SCENES, name, digits, model, np.random.default_rng(0))
        shares.append(float(np.mean([answer.decision == "abstain" for answer in found])))
        print(f"| {name} | {shares[-1]:.3f} |", flush=True)
    return [(share, 1 - share) for share in shares]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scenery", description=__doc__)
    parser.add_argument("--mnist", type=Path, help="directory of MNIST (default: DIGITS_DATA)")
    parser.add_argument("--model", default="cnn", help="a shipped model (default: cnn)")
    parser.add_argument("--images", type=int, default=400, help="a scene (default: 400)")
    arguments = parser.parse_args()
    model = load_weights(pretrained_dir() / f"{arguments.model}.safetensors").classifier
    mnist = read_mnist(data_directory(arguments.mnist))
    known = np.isin(mnist.test_labels, model.labels)
    own, other = np.flatnonzero(known)[: arguments.images], np.flatnonzero(~known)
    others = mnist.test_images[other[: arguments.images // 2]]
    digits, labels = mnist.test_images[own], mnist.test_labels[own].tolist()
    print("| scene | accuracy | abstained | error among accepted | others abstained | empty |")
    print("|---|--:|--:|--:|--:|--:|")
    means = {}
    for kind, registry in REGISTRIES.items():
        means[kind] = print_scenes(registry, digits, labels, others, model)
    means["without an answer"] = print_refused(digits, model)
    means["forms"] = print_forms(arguments.images, model)
    print("\n| scenes | right | accepted wrongly |\n|---|--:|--:|")
    means["all"] = [share for shares in means.values() for share in shares]
    for kind, shares in means.items():
        right, wrong = np.mean(shares, axis=0)
        print(f"| {kind} | {right:.3f} | {wrong:.3f} |")


if __name__ == "__main__":
    main()
