"""Answers on drawings of situations from the field: a row for each drawing, then one for each kind.

Run with ``python -m benchmarks.field DIR [--model NAME]``. DIR holds ``<kind>/<name>_<skeleton>``
with any extension, where a skeleton begins with the digit that was drawn. The right answer is that
digit; it is to abstain for a digit that the model does not know, and for a kind with two digits or
a digit struck out.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.predict import predict
from benchmarks.realworld import decode
from model_core.classifier import Classifier, Prediction
from model_core.errors import ModelCoreError
from model_core.preprocessing import NormalisedImage, describe, normalise
from model_core.weights import load_weights, pretrained_dir

# Kinds whose right answer is to abstain, whichever digit was drawn.
REFUSED_KINDS = ("two_digits", "struck_out")


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing, how it was normalised, and the answer; ``expected`` is None for abstaining."""

    path: Path
    expected: int | None
    image: NormalisedImage
    answer: Prediction

    @property
    def kind(self) -> str:
        """The kind of situation that was drawn."""
        return self.path.parent.name

    @property
    def outcome(self) -> str:
        """One of "right", "abstained" and "accepted wrongly"."""
        if self.answer.decision == "abstain":
            return "right" if self.expected is None else "abstained"
        return "right" if self.answer.digit == self.expected else "accepted wrongly"

    def row(self) -> str:
        """Return a row of the table."""
        expected = "abstain" if self.expected is None else str(self.expected)
        steps = ", ".join(map(describe, self.image.steps))
        answer = f"{self.answer.digit} | {self.answer.confidence:.3f} | {self.answer.decision}"
        name = f"{self.kind}/{self.path.name}"
        trust = f"{self.image.trust:g}"
        return f"| {name} | {expected} | {answer} | {trust} | {steps} | {self.outcome} |"


def answer_drawings(folder: Path, classifier: Classifier) -> Iterator[Drawing]:
    """Yield each drawing of a folder with the service's answer."""
    for path in sorted(folder.glob("*/*_*.*")):
        image = normalise(decode(path))
        [answer] = predict([image], classifier)
        yield Drawing(path, expected_answer(path, classifier), image, answer)


def expected_answer(path: Path, classifier: Classifier) -> int | None:
    """Return the digit that is the right answer; None if that is to abstain."""
    digit = int(path.stem.rpartition("_")[2][0])
    known = digit in classifier.labels and path.parent.name not in REFUSED_KINDS
    return digit if known else None


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.field", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of the drawings")
    parser.add_argument("--model", default="cnn", help="a shipped model (default: cnn)")
    arguments = parser.parse_args()
    try:
        classifier = load_weights(pretrained_dir() / f"{arguments.model}.safetensors").classifier
    except ModelCoreError as error:
        raise SystemExit(f"error: {error}") from None
    print("| drawing | expected | digit | confidence | decision | trust | steps | outcome |")
    print("|---|---|--:|--:|---|--:|---|---|")
    counts: dict[str, Counter[str]] = {}
    for drawing in answer_drawings(arguments.folder, classifier):
        print(drawing.row(), flush=True)
        counts.setdefault(drawing.kind, Counter())[drawing.outcome] += 1
    print("\n| kind | drawings | right | abstained | accepted wrongly |\n|---|--:|--:|--:|--:|")
    counts["all"] = sum(counts.values(), Counter())
    for kind, row in counts.items():
        cells = [row.total(), row["right"], row["abstained"], row["accepted wrongly"]]
        print(f"| {kind} | {' | '.join(map(str, cells))} |")


if __name__ == "__main__":
    main()
