"""Abstention of a version: on MNIST's digits, on other digits, on drawings of no digit."""

from dataclasses import dataclass

import numpy as np

from model_core.classifier import Classifier
from model_core.parameter import Array
from model_core.preprocessing import downsample
from training.data.dataset import indices_by_digit
from training.data.mnist import Mnist
from training.fitting.evaluation import abstained, held_out
from training.fitting.random_streams import Stream, generator

# Shares by which a version may refuse more of MNIST's test images of its digits than the old one,
# and less of what it must refuse.
MORE_DIGITS = 0.005
LESS_OTHERS = 0.01
LESS_DRAWINGS = 0.05

DRAWINGS = 2000


@dataclass(frozen=True, slots=True)
class Refusals:
    """Shares of pictures that a version refuses, 0..1; ``others`` is None if it has all digits."""

    digits: float
    others: float | None
    drawings: float

    def objections(self, old: "Refusals") -> list[str]:
        """Return what speaks against this version, compared with the old one."""
        found = []
        most = old.digits + MORE_DIGITS
        if self.digits > most:
            found.append(_say("MNIST's images of its digits", "at most", most, self.digits))
        if self.others is not None and old.others is not None:
            least = old.others - LESS_OTHERS
            if self.others < least:
                found.append(_say("MNIST's other digits", "at least", least, self.others))
        least = old.drawings - LESS_DRAWINGS
        if self.drawings < least:
            found.append(_say("drawings of no digit", "at least", least, self.drawings))
        return found


def _say(what: str, bound: str, limit: float, got: float) -> str:
    return f"abstention: expected {bound} {limit:.2%} of {what}, got {got:.2%}"


def measure_refusals(
    versions: tuple[Classifier, Classifier], mnist: Mnist, *, seed: int
) -> tuple[Refusals, Refusals]:
    """Measure two versions with the same digits on the same pictures."""
    labels = versions[0].labels
    images = held_out(mnist, labels, None).images
    others = tuple(digit for digit in range(10) if digit not in labels)
    foreign = held_out(mnist, others, None).images if others else None
    drawings = _draw(mnist, labels, seed)
    first, second = (
        Refusals(
            digits=abstained(one, images),
            others=None if foreign is None else abstained(one, foreign),
            drawings=abstained(one, drawings),
        )
        for one in versions
    )
    return first, second


def _draw(mnist: Mnist, digits: tuple[int, ...], seed: int) -> Array:
    """Draw pictures of no digit that were not trained on, (DRAWINGS, 14, 14)."""
    # here, because it imports matplotlib
    from training.data.synthetic import DigitImages, draw_synthetic

    by_digit = indices_by_digit(mnist.train_labels, digits=tuple(range(10)), part=slice(None))
    drawn = np.empty((DRAWINGS, *mnist.train_images.shape[1:]), np.uint8)
    rng = generator(seed, Stream.PROOF)
    draw_synthetic(drawn, DigitImages(mnist.train_images, by_digit, digits), rng)
    return downsample(drawn)
