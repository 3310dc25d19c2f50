"""What a threshold of the caller buys: answers accepted, and errors among them, on MNIST.

Run with ``python -m benchmarks.threshold [--mnist DIR] [--model NAME]``. A row is a threshold of
the acceptance score (`?threshold=`); the first one has the model's own thresholds. Of MNIST's test
images: the share accepted of the digits that the model knows, the errors among them, and the share
accepted of the other digits, which should be none.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from model_core.classifier import Classifier, Prediction
from model_core.preprocessing import downsample
from model_core.weights import load_weights, pretrained_dir
from training.data.mnist import Mnist, data_directory, read_mnist

HEADINGS = """\
| threshold | its digits: accepted | errors among them | other digits: accepted |
|---|--:|--:|--:|"""

THRESHOLDS = (0.0, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999)


def rows(mnist: Mnist, classifier: Classifier) -> list[str]:
    """Return a row of the table for the model's own thresholds, and for each of THRESHOLDS."""
    answers = classifier.predict(downsample(mnist.test_images))
    labels = mnist.test_labels.tolist()
    table = [row("the model's own", answers, labels, classifier)]
    for threshold in THRESHOLDS:
        decided = [answer.with_threshold(threshold) for answer in answers]
        table.append(row(f"{threshold:g}", decided, labels, classifier))
    return table


def row(
    name: str, answers: Sequence[Prediction], labels: Sequence[int], classifier: Classifier
) -> str:
    """Return the row of one threshold."""
    pairs = list(zip(answers, labels, strict=True))
    known = [(answer, label) for answer, label in pairs if label in classifier.labels]
    others = [answer for answer, label in pairs if label not in classifier.labels]
    accepted = [(answer, label) for answer, label in known if answer.decision == "accept"]
    errors = sum(answer.digit != label for answer, label in accepted)
    share = len(accepted) / len(known)
    wrong = f"{np.mean([one.decision == 'accept' for one in others]):.4f}" if others else ""
    return f"| {name} | {share:.4f} | {errors} of {len(accepted):,} | {wrong} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.threshold", description=__doc__)
    parser.add_argument("--mnist", type=Path, help="directory of MNIST (default: DIGITS_DATA)")
    parser.add_argument("--model", default="cnn", help="a shipped model (default: cnn)")
    arguments = parser.parse_args()
    classifier = load_weights(pretrained_dir() / f"{arguments.model}.safetensors").classifier
    mnist = read_mnist(data_directory(arguments.mnist))
    print(HEADINGS)
    print("\n".join(rows(mnist, classifier)))


if __name__ == "__main__":
    main()
