"""Ablation study of preprocessing: accuracy with one step switched off at a time.

Run with ``python -m benchmarks.ablation [--data DIR] [--model cnn]``; DIR holds
``<set>/<label>/<file>``. One row per step, one column per set; the last column is the total.
"""

import argparse
import importlib
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from benchmarks.realworld import DATA, decode, score_folder
from model_core.classifier import Classifier
from model_core.preprocessing import resize
from model_core.preprocessing.image_ops.order_statistics import extremes, quantile, up_to
from model_core.weights import load_weights, pretrained_dir

Grey = NDArray[np.float32]

_NORMALISE = "model_core.preprocessing.normalise"


def always(value: Any) -> Callable[..., Any]:
    """Return a function with a constant value."""
    return lambda *_, **__: value


def plain_level(_: Grey, levels: Grey) -> float:
    """Return the paper's level as if the paper were even."""
    return quantile(levels[: up_to(levels, sum(extremes(levels)) / 2)], 0.5)


def every_strong_part(parts: Any, strong: float) -> NDArray[np.bool_]:
    """Return all parts as the digit, but for the faint ones."""
    return np.asarray(parts.peak >= strong if parts.runs.count else np.zeros(0, np.bool_))


def share_of_peak(contrast: Grey, ink: Grey) -> Grey:
    """Return ink as the share of the greatest contrast."""
    share: Grey = contrast / ink[-1]
    return share


def centred_box(scaled: Grey) -> NDArray[np.uint8]:
    """Return 28x28 with the middle of the digit's box in the middle."""
    height, width = scaled.shape
    top, left = (28 - height) // 2, (28 - width) // 2
    result = np.zeros((28, 28), np.uint8)
    result[top : top + height, left : left + width] = np.rint(scaled * 255)
    return result


# A step, and what takes its place, by the module that calls it.
STEPS: dict[str, dict[str, Any]] = {
    "choosing polarity (light ink taken for granted)": {
        f"{_NORMALISE}.is_light_on_dark": always(True)
    },
    "removing bands at the border": {f"{_NORMALISE}.find_bands": always(None)},
    "evening out the background": {"model_core.preprocessing.digit.ink.even_level": plain_level},
    "removing noise": {f"{_NORMALISE}.median_filter": lambda grey: grey},
    "removing ruled lines": {f"{_NORMALISE}.without_rulings": always(None)},
    "choosing the digit among the parts": {
        "model_core.preprocessing.digit.ink.choose": every_strong_part
    },
    "looking closer at small digits": {f"{_NORMALISE}.closer": always(None)},
    "telling ink from shading": {f"{_NORMALISE}.is_ink": always(True)},
    "levelling the ink": {f"{_NORMALISE}.saturate": share_of_peak},
    "thickening thin strokes": {"model_core.preprocessing.digit.placement.THIN": 0},
    "centring by mass (the box is centred)": {f"{_NORMALISE}.place": centred_box},
    "all of it (made grey and resized)": {"benchmarks.realworld.normalise": resize},
}


def row(replaced: dict[str, Any], folders: list[Path], classifier: Classifier) -> str:
    """Return the cells of a row: the accuracy on each set, and on all together."""
    with ExitStack() as stack:
        for target, value in replaced.items():
            owner, _, name = target.rpartition(".")
            stack.enter_context(patch.object(importlib.import_module(owner), name, value))
        scores = [score_folder(folder, classifier) for folder in folders]
    shares = [f"{score.right / score.digits:.3f}" for score in scores]
    share = sum(score.right for score in scores) / sum(score.digits for score in scores)
    return " | ".join([*shares, f"{share:.4f}"])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablation", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help=f"(default: {DATA})")
    parser.add_argument("--model", default="cnn", help="a shipped model (default: cnn)")
    arguments = parser.parse_args()
    classifier = load_weights(pretrained_dir() / f"{arguments.model}.safetensors").classifier
    folders = [
        path
        for path in sorted(arguments.data.iterdir())
        if any((path / str(label)).is_dir() for label in classifier.labels)
    ]
    names = [path.name.replace("_", " ") for path in folders]
    print(f"| without | {' | '.join(names)} | all |\n|---|{'--:|' * (len(names) + 1)}")
    with patch("benchmarks.realworld.decode", cache(decode)):
        print(f"| nothing: all steps | {row({}, folders, classifier)} |", flush=True)
        for step, replaced in STEPS.items():
            print(f"| {step} | {row(replaced, folders, classifier)} |", flush=True)


if __name__ == "__main__":
    main()
