"""Ablation study of the training pictures: a model trained without one kind at a time.

Run with ``python -m benchmarks.clutter [--mnist DIR] [--data DIR] [--model dnn] [--epochs N]``. A
row is one training, seed 0. The columns are shares: digits 0-4 in other people's handwriting that
are right, and that are refused; refused printed digits, corrupted ones of MNIST, digits 5-9
("near") and pictures of no digit ("far"); last, near and far with the threshold that refuses 4 % of
the handwriting, by which rows can be compared.
"""

import argparse
import dataclasses
from collections.abc import Sequence
from contextlib import ExitStack, redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from benchmarks.realworld import DATA, Pictures, read_sets, score
from model_core.classifier import Classifier
from model_core.preprocessing import downsample
from training.data.mnist import data_directory, read_mnist
from training.data.synthetic.kinds import KINDS
from training.fitting.fit import fit
from training.recipes import ModelName, Recipe, get_recipe

# The sets of each column; the mean over the sets is shown.
HANDS = ("usps16_dark_on_light", "semeion16", "crohme_strokes", "hwd1000", "sudoku_phone_hand")
NEAR = tuple(f"{name}_5to9" for name in HANDS)
FAR = ("ood_omniglot", "ood_notmnist", "ood_gujarati")
PRINTED = ("printed_kaydee", "sudoku_phone_printed")
CORRUPTED = tuple(
    f"mnist_c_{name}" for name in ("fog", "impulse_noise", "motion_blur", "shear", "stripe")
)
# Share of the handwriting that is refused in the last two columns.
EQUAL_REFUSAL = 0.04

# The ablations: kinds of synthetic pictures to leave out, or changes of the recipe.
LETTERS = ("written letter", "pen letter", "handwriting letter", "printed letter")
SCRIPTS = ("other script", "printed other script")
STROKES = ("character", "curves", "straight", "scribble", "dots")
TAKEN_APART = ("mirrored", "turned", "half", "side by side", "several", "on top")
MARKED = ("struck out", "framed", "in a blot")
TEXTURES = ("noise", "blots", "stripes", "shade", "coloured noise", "scene")
WITHOUT: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "nothing": ((), {}),
    "handwriting in other forms": ((), {"handwriting": 0}),
    "digits in other stroke styles": ((), {"pens": 0}),
    "printed digits": ((), {"printed": 0}),
    "distractors": ((), {"distractors": 0.0}),
    "letters": (LETTERS, {}),
    "other scripts": (SCRIPTS, {}),
    "strokes that mean nothing": (STROKES, {}),
    "altered and marked digits": ((*TAKEN_APART, *MARKED), {}),
    "textures and scenes": (TEXTURES, {}),
}


def train(kinds: tuple[str, ...], recipe: Recipe, data: Path) -> Classifier:
    """Train a model without some kinds of synthetic pictures."""
    left = {kind: entry for kind, entry in KINDS.items() if kind not in kinds}
    total = sum(share for _, share in left.values())
    scaled = {kind: (draw, share / total) for kind, (draw, share) in left.items()}
    with ExitStack() as stack:
        stack.enter_context(patch("training.data.synthetic.kinds.KINDS", scaled))
        stack.enter_context(redirect_stderr(StringIO()))
        return fit(read_mnist(data), recipe, title="", seed=0).classifier


def row(classifier: Classifier, sets: dict[str, Pictures]) -> list[float]:
    """Return the shares of a row."""
    hands = [score(sets[name], classifier) for name in HANDS]
    shares = [np.mean([each.right / each.digits for each in hands])]
    for names in (HANDS, PRINTED, CORRUPTED, NEAR, FAR):
        scores = [score(sets[name], classifier) for name in names]
        shares.append(np.mean([each.abstained / each.images for each in scores]))
    threshold = np.quantile(_reject(HANDS, sets, classifier), 1 - EQUAL_REFUSAL)
    for names in (NEAR, FAR):
        shares.append(
            np.mean([(_reject([name], sets, classifier) > threshold).mean() for name in names])
        )
    return [float(share) for share in shares]


def _reject(
    names: Sequence[str], sets: dict[str, Pictures], classifier: Classifier
) -> NDArray[np.floating[Any]]:
    """Return the probabilities of the reject class, divided by the trust in each picture."""
    images = [image for name in names for image in sets[name].images]
    trust = np.maximum([image.trust for image in images], 1e-6)
    pixels = downsample(np.stack([image.pixels for image in images]))
    return np.asarray(classifier.reject_probability(pixels) / trust)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clutter", description=__doc__)
    parser.add_argument("--mnist", type=Path, help="directory of MNIST (default: DIGITS_DATA)")
    parser.add_argument("--data", type=Path, default=DATA, help=f"(default: {DATA})")
    parser.add_argument("--model", default="dnn", choices=["dnn", "cnn"], help="(default: dnn)")
    parser.add_argument("--epochs", type=int, help="of each training (default: the recipe's)")
    arguments = parser.parse_args()
    model: ModelName = arguments.model
    recipe = get_recipe(model, "best", epochs=arguments.epochs)
    sets = read_sets(arguments.data)
    columns = "right | hands | printed | corrupted | near | far | near at 4 % | far at 4 %"
    print(f"| without | {columns} |\n|---|{'--:|' * 8}")
    for name, (kinds, changes) in WITHOUT.items():
        changed = dataclasses.replace(recipe, **changes)
        shares = row(train(kinds, changed, data_directory(arguments.mnist)), sets)
        print(f"| {name} | {' | '.join(f'{share:.3f}' for share in shares)} |", flush=True)


if __name__ == "__main__":
    main()
