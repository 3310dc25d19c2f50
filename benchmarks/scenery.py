"""Accuracy and abstention on MNIST's test digits in synthetic scenes, with and without a digit.

Run with ``python -m benchmarks.scenery [--mnist DIR] [--model NAME] [--images N]``. A row is a
scene: accuracy and abstention of the digits the model knows, the share of errors among the accepted
answers, and abstention on the other digits and on the scene without a digit, where it is right.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.scenes.paper import PAPER_SCENES
from model_core.classifier import Classifier, Prediction
from model_core.preprocessing import downsample, normalise
from model_core.weights import load_weights, pretrained_dir
from tests.support.scenes import SCENES, Rng, shape
from training.data.mnist import data_directory, read_mnist

Pixels = NDArray[np.uint8]

ALL_SCENES = SCENES | PAPER_SCENES


def answers(name: str, digits: Pixels, classifier: Classifier, rng: Rng) -> list[Prediction]:
    """Return the predictions for pictures (N, 28, 28) uint8 in a scene; black: an empty scene."""
    scene, sizes, thicker = ALL_SCENES[name]
    seen = []
    for digit in digits:
        size = int(rng.integers(*sizes))
        empty = not digit.any()
        ink = np.zeros((size, size)) if empty else shape(digit, size, rng.uniform(*thicker))
        picture = np.clip(scene(ink, rng), 0, 255).astype(np.uint8)
        seen.append(normalise(picture))
    pixels = downsample(np.stack([image.pixels for image in seen]))
    return classifier.predict(pixels, [image.trust for image in seen])


def row(name: str, digits: Pixels, labels: list[int], others: Pixels, model: Classifier) -> str:
    """Return the cells of a scene's row."""
    rng = np.random.default_rng(0)
    own = list(zip(answers(name, digits, model, rng), labels, strict=True))
    right = [answer.digit == label for answer, label in own]
    accepted = [answer.digit == label for answer, label in own if answer.decision == "accept"]
    shares = [np.mean(right), 1 - len(accepted) / len(own), 1 - np.mean(accepted)]
    for pictures in (others, np.zeros_like(others)):
        refused = [a.decision == "abstain" for a in answers(name, pictures, model, rng)]
        shares.append(np.mean(refused))
    return " | ".join(f"{share:.3f}" for share in shares)


def main() -> None:
    """Print the table."""
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
    print("| scene | accuracy | abstained | error among accepted | others abstained | empty |")
    print("|---|--:|--:|--:|--:|--:|")
    labels = mnist.test_labels[own].tolist()
    for name in ALL_SCENES:
        print(
            f"| {name} | {row(name, mnist.test_images[own], labels, others, model)} |", flush=True
        )


if __name__ == "__main__":
    main()
