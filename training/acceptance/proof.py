"""Proof that a new version is better: measurements of both versions, and the limits of each."""

from dataclasses import asdict, dataclass
from typing import Any

from model_core.classifier import Classifier
from training.acceptance.mistakes import mistakes
from training.acceptance.paired import Paired
from training.acceptance.refusals import Refusals, measure_refusals
from training.corrections.corrections import Corrections
from training.data.mnist import Mnist
from training.fitting.evaluation import evaluate, held_out

# More errors on MNIST's test images than the old version has: a difference of two is chance.
MORE_ERRORS = 2
# Largest p-value of the exact McNemar test, one-sided, on the corrections held back.
SIGNIFICANCE = 0.05
# Without this many mistakes of the old version not even a faultless new one is significant.
FEWEST_MISTAKES = 5


@dataclass(frozen=True, slots=True)
class Proof:
    """Measurements of an old and a new version on the same pictures.

    Units: ``mnist_errors`` and ``mnist_images`` are counts, over all answers whether accepted or
    not; ``held_back`` are mistakes on corrections that the new one was not
    trained on. Pairs are the old and the new version.
    """

    mnist_images: int
    mnist_errors: tuple[int, int]
    held_back: Paired
    refusals: tuple[Refusals, Refusals]

    @property
    def objections(self) -> list[str]:
        """What speaks against the new version; none if it is accepted."""
        old, new = self.mnist_errors
        found = [] if new <= old + MORE_ERRORS else [_mnist_objection(old, new)]
        return found + self._held_back_objections() + self.refusals[1].objections(self.refusals[0])

    def _held_back_objections(self) -> list[str]:
        pair = self.held_back
        if pair.p_value <= SIGNIFICANCE:
            return []
        return [
            f"corrections held back: expected significantly fewer mistakes (p at most "
            f"{SIGNIFICANCE}), got {pair.new} of {pair.pictures} instead of {pair.old} "
            f"(p = {pair.p_value:.2g})"
        ]

    def lines(self) -> list[str]:
        """Return the measurements as text, a line each."""
        pair, (before, after) = self.held_back, self.refusals
        low, high = pair.interval
        others = "" if after.others is None else f", {before.others:.2%} and {after.others:.2%} of "
        others += "its other digits" * bool(others)
        return [
            f"corrections held back: {pair.old} of {pair.pictures} mistakes before, {pair.new} now "
            f"({pair.fixed} fixed, {pair.broken} broken; difference "
            f"{(pair.old - pair.new) / max(1, pair.pictures):.1%}, 95 % interval {low:.1%} to "
            f"{high:.1%}; p = {pair.p_value:.2g})",
            f"MNIST's test images: {self.mnist_errors[0]} of {self.mnist_images:,} errors before, "
            f"{self.mnist_errors[1]} now",
            f"refused before and now: {before.digits:.2%} and {after.digits:.2%} of MNIST's test "
            f"images of its digits{others}, {before.drawings:.2%} and {after.drawings:.2%} of "
            "drawings of no digit",
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the measurements as a JSON object, for the model card and ``--json``."""
        pair = self.held_back
        return {
            "mnist_errors": list(self.mnist_errors),
            "mnist_images": self.mnist_images,
            "held_back": pair.pictures,
            "held_back_mistakes": [pair.old, pair.new],
            "fixed": pair.fixed,
            "broken": pair.broken,
            "difference": list(pair.interval),
            "p_value": pair.p_value,
            "refused": [asdict(refusals) for refusals in self.refusals],
        }


def _mnist_objection(old: int, new: int) -> str:
    return f"MNIST: expected at most {old + MORE_ERRORS} errors ({old} before), got {new}"


def prove(
    old: Classifier, new: Classifier, mnist: Mnist, held_back: Corrections, *, seed: int
) -> Proof:
    """Measure two versions with the same digits; ``seed`` decides the drawings of no digit."""
    tested = held_out(mnist, new.labels, None)
    before, after = (evaluate(one, tested) for one in (old, new))
    refusals = measure_refusals((old, new), mnist, seed=seed)
    return Proof(
        mnist_images=len(tested),
        mnist_errors=(int(before["test_errors"]), int(after["test_errors"])),
        held_back=Paired.of(mistakes(old, held_back), mistakes(new, held_back)),
        refusals=refusals,
    )
