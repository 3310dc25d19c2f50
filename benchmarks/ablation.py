"""Ablation study of preprocessing: accuracy with one step switched off at a time.

Run with ``python -m benchmarks.ablation [--data DIR] [--model cnn]``; DIR holds
``<set>/<label>/<file>``. One row per step, one column per set; the last column is the total.
"""

import argparse
import importlib
import math
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.realworld import DATA, decode, read_folder, score
from model_core.classifier import Classifier
from model_core.preprocessing import letterbox
from model_core.preprocessing.digit.selection import Selection
from model_core.preprocessing.image_ops.component_properties import ComponentProperties
from model_core.preprocessing.image_ops.types import Flags, Grey8, Grey32
from model_core.preprocessing.paper.evenness import plain_paper_level
from model_core.weights import load_weights, pretrained_dir

PREPROCESSING = "model_core.preprocessing"


def always(value: Any) -> Callable[..., Any]:
    """Return a function with a constant value."""
    return lambda *_, **__: value


def every_strong_component(components: ComponentProperties, min_peak: float) -> Selection:
    """Return all components as the digit, but for the faint ones."""
    none = np.zeros(components.count, np.bool_)
    strong = components.intensity_max >= min_peak if components.count else none
    return Selection(strong, none, none, none)


def nothing(components: ComponentProperties, *_: object) -> Flags:
    """Return no component."""
    return np.zeros(components.count, np.bool_)


def share_of_peak(contrast: Grey32, ordered: Grey32) -> Grey32:
    """Return ink as the share of the greatest contrast."""
    share: Grey32 = contrast / ordered[-1]
    return share


def centred_box(scaled: Grey32) -> Grey8:
    """Return 28x28 with the middle of the digit's box in the middle."""
    height, width = scaled.shape
    top, left = (28 - height) // 2, (28 - width) // 2
    result = np.zeros((28, 28), np.uint8)
    result[top : top + height, left : left + width] = np.rint(scaled * 255)
    return result


# A step, and what takes its place, by the module that calls it.
STEPS: dict[str, dict[str, Any]] = {
    "choosing polarity (light ink taken for granted)": {"normalise.is_light_on_dark": always(True)},
    "choosing polarity after evening out": {"paper.polarity._rise_of_half_light": always(math.inf)},
    "finding thick borders in soft light": {
        "paper.polarity.find_solid_sides": always(None),
        "paper.border_bands.find_solid_sides": always(None),
    },
    "removing bands at the border": {"normalise.find_border_bands": always(None)},
    "evening out the background": {"digit.ink.even_paper_level": plain_paper_level},
    "evening out spots of light": {"digit.ink.find_light_spots": always(None)},
    "looking for pale strokes": {"normalise.blocks_of_spots": always(0)},
    "removing noise": {"search.median_filter": lambda grey: grey},
    "removing ruled lines": {"search.remove_ruled_lines": always(None)},
    "removing lines as dark as strokes": {"search.keep_strokes": always(None)},
    "choosing the digit among the parts": {
        "digit.segmentation.select_components": every_strong_component
    },
    "removing circles and boxes": {
        "digit.selection.find_enclosures": always([]),
        "digit.segmentation.looks_enclosed": always(False),
    },
    "removing underlines": {"digit.selection.is_underline": nothing},
    "removing small writing": {"digit.selection.is_small_writing": nothing},
    "refusing two figures": {"digit.selection.trust_in_one": always(1.0)},
    "cutting off joining strokes": {
        "digit.segmentation.columns_without_joining_stroke": lambda _, box: box[1].stop
    },
    "joining the pieces of thin strokes": {"search._may_be_broken": always(False)},
    "widening narrow digits": {
        "digit.placement.aspect_to_keep": lambda digit: digit.shape[1] / digit.shape[0]
    },
    "looking closer at small digits": {"search.zoom_in": always(None)},
    "telling ink from shading": {"rendering.is_ink": always(True)},
    "levelling the ink": {"rendering.saturate_strokes": share_of_peak},
    "thickening thin strokes": {"digit.placement.MIN_COVERAGE": 0},
    "centring by mass (the box is centred)": {"rendering.centre_by_mass": centred_box},
    "all of it (made grey and resized)": {"benchmarks.realworld.normalise": letterbox},
}


def locate(target: str) -> tuple[ModuleType, str]:
    """Return the module and the name that a key of STEPS replaces."""
    path = target if target.startswith("benchmarks.") else f"{PREPROCESSING}.{target}"
    owner, _, name = path.rpartition(".")
    return importlib.import_module(owner), name


def row(replaced: dict[str, Any], folders: list[Path], classifier: Classifier) -> str:
    """Return the cells of a row: the accuracy on each set, and on all together."""
    with ExitStack() as stack:
        for target, value in replaced.items():
            stack.enter_context(patch.object(*locate(target), value))
        scores = [score(read_folder(folder), classifier) for folder in folders]
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
