"""What `?rotate=auto` finds and what it costs, on MNIST's test images as they are and turned.

Run with ``python -m benchmarks.rotation [--mnist DIR] [--model NAME]``. A row is a choice of
`rotate` and how the images lie: accuracy on the digits that the model knows, the share of these
without an answer, the share of errors among the answers, and the share of the other digits without
an answer, where that is right. Below the table: how often each digit is turned the right way.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.predict import predict
from model_core.classifier import Classifier, Prediction
from model_core.preprocessing import normalise
from model_core.weights import load_weights, pretrained_dir
from training.data.mnist import data_directory, read_mnist

HEADINGS = """\
| rotate | images | accuracy | abstained | error among accepted | others abstained |
|---|---|--:|--:|--:|--:|"""

Images = NDArray[np.uint8]
Turns = NDArray[np.int64]


def predict_uploads(images: Images, classifier: Classifier) -> list[Prediction]:
    """Return the predictions for images (N, 28, 28) uint8, normalised as in the service."""
    return predict([normalise(image) for image in images], classifier)


def predict_best(images: Images, classifier: Classifier) -> tuple[list[Prediction], Turns]:
    """Return the best prediction of four rotations, and by how many quarter turns, clockwise."""
    rotated = [np.ascontiguousarray(np.rot90(images, -turn, axes=(1, 2))) for turn in range(4)]
    answers = list(zip(*[predict_uploads(one, classifier) for one in rotated], strict=True))
    turns = [max(range(4), key=lambda turn: four[turn].acceptance) for four in answers]
    best = [four[turn] for four, turn in zip(answers, turns, strict=True)]
    return best, np.array(turns)


def row(name: str, answers: list[Prediction], labels: list[int], classifier: Classifier) -> str:
    """Return a row of the table."""
    pairs = list(zip(answers, labels, strict=True))
    known = [(answer, label) for answer, label in pairs if label in classifier.labels]
    others = [one.decision == "abstain" for one, label in pairs if label not in classifier.labels]
    right = np.mean([answer.digit == label for answer, label in known])
    accepted = [answer.digit != label for answer, label in known if answer.decision == "accept"]
    shares = [right, 1 - len(accepted) / len(known), np.mean(accepted)]
    cells = [f"{share:.4f}" for share in shares]
    return f"| {name} | {' | '.join(cells)} | {f'{np.mean(others):.4f}' if others else ''} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rotation", description=__doc__)
    parser.add_argument("--mnist", type=Path, help="directory of MNIST (default: DIGITS_DATA)")
    parser.add_argument("--model", default="cnn", help="a shipped model (default: cnn)")
    arguments = parser.parse_args()
    classifier = load_weights(pretrained_dir() / f"{arguments.model}.safetensors").classifier
    mnist = read_mnist(data_directory(arguments.mnist))
    images, labels = mnist.test_images, mnist.test_labels.tolist()
    lie = np.random.default_rng(0).integers(0, 4, len(images))
    turned = np.stack([np.rot90(image, turn) for image, turn in zip(images, lie, strict=True)])
    print(HEADINGS)
    print(row("0 | upright", predict_uploads(images, classifier), labels, classifier))
    print(row("auto | upright", predict_best(images, classifier)[0], labels, classifier))
    answers, turns = predict_best(turned, classifier)
    print(row("auto | turned at random", answers, labels, classifier))
    print("\n| digit | turned the right way |\n|---|--:|")
    for digit in classifier.labels:
        own = mnist.test_labels == digit
        print(f"| {digit} | {np.mean(turns[own] == lie[own]):.3f} |")


if __name__ == "__main__":
    main()
