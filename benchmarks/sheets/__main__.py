"""Find and read boxes on generated forms, and on sheets of a directory with known content.

Run with ``python -m benchmarks.sheets [--count N] [--seed N] [--model NAME] [--sheets DIR]``. A row
is a kind of sheet: boxes found, and false ones, in parts of the true ones; answers that are right
among those accepted; genuine digits of the model that it abstained from; empty boxes that were
called blank; pages with 95 of 100 boxes; and milliseconds for each page.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from benchmarks.data import load_or_exit
from benchmarks.sheets.evaluation import Truth, evaluate, inside_any, read_sheet
from benchmarks.sheets.generator import generate
from benchmarks.sheets.known_sheets import read_known_sheets
from benchmarks.sheets.page import Digits
from model_core.classifier import Classifier
from model_core.weights import load_weights, pretrained_dir
from training.data.mnist import Mnist

HEADINGS = """\
| sheets | boxes found | false boxes | right of accepted | genuine abstained | empty called blank \
| whole pages | ms a page |
|---|--:|--:|--:|--:|--:|--:|--:|"""

# A kind of sheets and the counts of one of them.
Counted = tuple[str, Counter[str]]


def evaluate_generated(
    mnist: Mnist, classifier: Classifier, count: int, seed: int
) -> Iterator[Counted]:
    """Yield the counts of generated forms."""
    known = "".join(map(str, classifier.labels))
    digits = Digits(mnist.test_images, mnist.test_labels)
    for number in range(count):
        kind, sheet = generate(number, digits, np.random.default_rng([seed, number]))
        read = read_sheet(sheet.picture, classifier)
        truth = [Truth(*pair) for pair in zip(sheet.corners, sheet.contents, strict=True)]
        counts = evaluate(read, truth, lambda _: False, known)
        counts["milliseconds"] = round(1000 * read.seconds)
        yield kind, counts


def evaluate_known(directory: Path, classifier: Classifier) -> Iterator[Counted]:
    """Yield the counts of the sheets of a directory."""
    known = "".join(map(str, classifier.labels))
    for sheet in read_known_sheets(directory):
        read = read_sheet(sheet.picture, classifier)
        counts = evaluate(read, sheet.truth, inside_any(sheet.ignored), known)
        counts["milliseconds"] = round(1000 * read.seconds)
        yield f"known: {sheet.kind}", counts


def share(part: int, whole: int) -> str:
    """Return a part of a whole, as in the table."""
    return f"{part / whole:.4f}" if whole else "-"


def row(kind: str, counts: Counter[str]) -> str:
    """Return the row of the table for one kind of sheets."""
    cells = [
        share(counts["found"], counts["truth"]),
        share(counts["false"], counts["truth"]) if counts["truth"] else str(counts["false"]),
        share(counts["right"], counts["accepted"]),
        share(counts["abstained"], counts["genuine"]),
        share(counts["blank"], counts["empty"]),
        f"{counts['whole']} of {counts['pages']}",
        str(counts["milliseconds"] // max(1, counts["pages"])),
    ]
    return f"| {kind} | {' | '.join(cells)} |"


def print_table(counted: Iterator[Counted], total: str) -> None:
    """Print a row for each kind of sheets, and one for all of them."""
    kinds: dict[str, Counter[str]] = {}
    for kind, counts in counted:
        kinds.setdefault(kind, Counter()).update(counts)
    for kind, counts in kinds.items():
        print(row(kind, counts))
    print(row(total, sum(kinds.values(), Counter())))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sheets", description=__doc__)
    parser.add_argument("--mnist", type=Path, help="directory of MNIST (default: DIGITS_DATA)")
    parser.add_argument("--model", default="cnn", help="a shipped model (default: %(default)s)")
    parser.add_argument("--count", type=int, default=200, help="(default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="(default: %(default)s)")
    parser.add_argument("--sheets", type=Path, help="directory of sheets with a truth.json")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    classifier = load_weights(pretrained_dir() / f"{arguments.model}.safetensors").classifier
    print(HEADINGS, flush=True)
    if arguments.count:
        mnist = load_or_exit(arguments.mnist)
        counted = evaluate_generated(mnist, classifier, arguments.count, arguments.seed)
        print_table(counted, "all generated")
    if arguments.sheets:
        print_table(evaluate_known(arguments.sheets, classifier), "all known")


if __name__ == "__main__":
    main()
