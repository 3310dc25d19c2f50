"""Profile of training: the functions with the largest share of the time, for each network.

Run with ``python -m benchmarks.profile [--data DIR]``. The profiler adds time to every call: the
shares of small functions are overestimated, their order is right.
"""

import argparse
import cProfile
from pathlib import Path
from types import CodeType

import numpy as np

from benchmarks.data import load_or_exit
from model_core.architectures import build
from training.data.dataset import select
from training.data.mnist import Mnist
from training.fitting.loop import TrainingRun
from training.recipes import DIGITS, ModelName, RecipeName, get_recipe

ROWS = 8
WORKS: tuple[tuple[ModelName, RecipeName], ...] = (("dnn", "notebook"), ("cnn", "notebook"))
WORKS += (("dnn", "best"), ("cnn", "best"))


def profile(mnist: Mnist, model: ModelName, name: RecipeName) -> cProfile.Profile:
    """Return the profile of one epoch over 1,000 images of each digit."""
    recipe = get_recipe(model, name, epochs=1)
    part = slice(0, 1000)
    images = select(mnist.train_images, mnist.train_labels, digits=DIGITS, part=part)
    rng = np.random.default_rng(0)
    classifier = build(recipe.architecture, labels=DIGITS, rng=rng)
    examples = images.augmented(recipe.augmentation)
    run = TrainingRun(classifier, examples, recipe, seed=0)
    profiler = cProfile.Profile()
    profiler.runcall(run.train, lambda _: None)
    return profiler


def print_profile(profiler: cProfile.Profile, title: str) -> None:
    """Print the functions with the most time of their own, without the functions they call."""
    entries = sorted(profiler.getstats(), key=lambda entry: -entry.inlinetime)
    total = sum(entry.inlinetime for entry in entries)
    for entry in entries[:ROWS]:
        share = entry.inlinetime / total
        print(f"| {title} | {_name(entry.code)} | {entry.callcount:,} | {share:.0%} |")


def _name(code: str | CodeType) -> str:
    """Return module and function name; a built-in function is given as text."""
    if isinstance(code, str):
        return code.strip("<>").replace("built-in method ", "").replace("method ", "")
    return f"{Path(code.co_filename).stem}.{code.co_qualname}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.add_argument("--data", type=Path, help="directory of MNIST (default: DIGITS_DATA)")
    arguments = parser.parse_args()
    mnist = load_or_exit(arguments.data)
    print("Share of the time of an epoch, by the function it is spent in\n")
    print("| work | function | calls | share |\n|---|---|--:|--:|")
    for model, name in WORKS:
        print_profile(profile(mnist, model, name), f"{model}, {name}")


if __name__ == "__main__":
    main()
