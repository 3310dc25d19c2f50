"""Ablation study of the synthetic training pictures: the dnn trained without one kind at a time.

Run with ``python -m benchmarks.clutter [--mnist DIR] [--data DIR] [--epochs N]``. A row is one
training; the columns are abstention rates, small for digits and large for other pictures in a good
model.
"""

import argparse
import dataclasses
import re
from contextlib import ExitStack, redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from benchmarks.realworld import DATA, decode
from model_core.classifier import Classifier
from model_core.preprocessing import downsample, normalise
from training.data.mnist import data_directory, read_mnist
from training.data.synthetic.kinds import KINDS
from training.fitting.evaluation import abstained
from training.fitting.fit import fit
from training.recipes import Recipe, get_recipe

Pictures = dict[str, list[NDArray[np.uint8]]]

# The ablations: kinds of synthetic pictures to leave out, or changes of the recipe.
HANDWRITING = ("pen letter", "handwriting letter")
SCRIPTS = ("other script", "printed other script")
STROKES = ("character", "curves", "straight", "scribble", "dots")
TAKEN_APART = ("mirrored", "turned", "half", "side by side", "several", "on top")
MARKED = ("struck out", "framed", "in a blot")
TEXTURES = ("noise", "blots", "stripes", "shade", "coloured noise")
WITHOUT: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "nothing": ((), {}),
    "letters by hand": (HANDWRITING, {}),
    "printed letters": (("printed letter",), {}),
    "other scripts": (SCRIPTS, {}),
    "letters and signs at all": ((*HANDWRITING, "printed letter", *SCRIPTS), {}),
    "strokes that mean nothing": (STROKES, {}),
    "digits turned, cut and put together": (TAKEN_APART, {}),
    "digits struck out or within something": (MARKED, {}),
    "textures": (TEXTURES, {}),
    "scenes": (("scene",), {}),
    "digits with other pens": ((), {"pens": 0}),
    "handwriting in other forms": ((), {"handwriting": 0}),
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


def columns(data: Path) -> Pictures:
    """Return the normalised pictures of each column."""
    shown: Pictures = {}
    for folder in sorted(path for path in data.iterdir() if path.is_dir()):
        if not re.search("^mnist_c|gridlines|light_on_dark", folder.name):
            shown[folder.name.replace("_", " ")] = [
                normalise(decode(path)).pixels for path in folder.glob("*/*")
            ]
    return shown


def row(classifier: Classifier, pictures: Pictures) -> str:
    """Return the cells of a row: abstention rates."""
    shares = (abstained(classifier, downsample(np.stack(shown))) for shown in pictures.values())
    return " | ".join(f"{share:.3f}" for share in shares)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clutter", description=__doc__)
    parser.add_argument("--mnist", type=Path, help="directory of MNIST (default: DIGITS_DATA)")
    parser.add_argument("--data", type=Path, default=DATA, help=f"(default: {DATA})")
    parser.add_argument("--epochs", type=int, help="of each training (default: the recipe's)")
    arguments = parser.parse_args()
    recipe = get_recipe("dnn", "best", epochs=arguments.epochs)
    pictures = columns(arguments.data)
    print(f"| without | {' | '.join(pictures)} |\n|---|{'--:|' * len(pictures)}")
    for name, (kinds, changes) in WITHOUT.items():
        changed = dataclasses.replace(recipe, **changes)
        classifier = train(kinds, changed, data_directory(arguments.mnist))
        print(f"| {name} | {row(classifier, pictures)} |", flush=True)


if __name__ == "__main__":
    main()
