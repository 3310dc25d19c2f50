"""Sensitivity of the answers to each number in preprocessing: it is moved by a fifth, down and up.

Run with ``python -m benchmarks.sensitivity [--data DIR] [--mnist DIR] [--images N]``; DIR holds
``<set>/<label>/<file>``, as for ``benchmarks.realworld``. A row a number: its value, and how many
answers become right or wrong (net), and how many change at all, with 0.8 and with 1.25 times of it.
"""

import argparse
import ast
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.predict import predict
from benchmarks.realworld import DATA, decode
from model_core import preprocessing
from model_core.classifier import Classifier
from model_core.preprocessing import normalise
from model_core.preprocessing.image_ops.types import Grey8
from model_core.weights import load_weights, pretrained_dir
from tests.support.scenes import SCENES, shape
from training.data.mnist import Mnist, data_directory, read_mnist

# Numbers given by MNIST, by 8 bits or by memory, and one that only prevents a division by 0.
GIVEN = {"SIDE", "BOX", "WHITE", "MAX_DARK_PIXEL", "LOG2_OF_SQUARE", "MIN_DIVISOR"}
GIVEN |= {"MAX_PIXELS_AT_ONCE", "MAX_RUNS_IN_LOOP", "EDGE_SHARE"}
GIVEN |= {"CACHED_SHAPES", "CACHED_WEIGHTS", "CACHED_WIDTHS", "MIN_VALUES_TO_TRIM"}

Value = float | int | tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A number: the module that defines it, its name, and every module that has it."""

    module: str
    name: str
    value: Value
    users: tuple[ModuleType, ...]


def numbers() -> list[Number]:
    """Return the numbers in preprocessing that were chosen."""
    package = preprocessing.__name__ + "."
    infos = pkgutil.walk_packages(preprocessing.__path__, package)
    modules = [importlib.import_module(info.name) for info in infos]
    found = []
    for module in modules:
        for name in _assigned(module):
            value = getattr(module, name)
            if name.isupper() and name not in GIVEN and isinstance(value, int | float | tuple):
                users = [user for user in modules if (module.__name__, name) in _imported(user)]
                short = module.__name__.removeprefix(package)
                found.append(Number(short, name, value, (module, *users)))
    return found


def _tree(module: ModuleType) -> list[ast.stmt]:
    return ast.parse(Path(str(module.__file__)).read_text()).body


def _assigned(module: ModuleType) -> Iterator[str]:
    """Yield the names that a module assigns."""
    for statement in _tree(module):
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            yield statement.targets[0].id


def _imported(module: ModuleType) -> set[tuple[str, str]]:
    """Return the (module, name) pairs that a module imports."""
    froms = [statement for statement in _tree(module) if isinstance(statement, ast.ImportFrom)]
    return {(str(each.module), alias.name) for each in froms for alias in each.names}


def moved(value: Value, factor: float) -> Value:
    """Return a number moved by a factor: a whole one by at least 1, a share to at most 1."""
    if isinstance(value, tuple):
        return tuple(moved(each, factor) for each in value)  # type: ignore[misc]
    if isinstance(value, float):
        return min(value * factor, 1.0) if value < 1 else value * factor
    return value - max(1, round(value / 5)) if factor < 1 else value + max(1, round(value / 4))


def pictures(data: Path, mnist: Mnist, labels: tuple[int, ...], count: int) -> list[Any]:
    """Return pictures with their digit, or None where the right answer is none of the labels."""
    found: list[tuple[Grey8, int | None]] = []
    for folder in sorted(path for path in data.iterdir() if path.is_dir()):
        paths = sorted(folder.glob("*/*"))
        for path in paths[:: max(1, len(paths) // count)]:
            found.append((decode(path), int(path.parent.name) if _is_digit(path) else None))
    for scene, sizes, thicker in SCENES.values():
        rng = np.random.default_rng(0)
        for digit, label in zip(mnist.test_images[:count], mnist.test_labels, strict=False):
            size = int(rng.integers(*sizes))
            drawn = scene(shape(digit, size, rng.uniform(*thicker)), rng)
            found.append((np.clip(drawn, 0, 255).astype(np.uint8), int(label)))
    return [(pixels, label if label in labels else None) for pixels, label in found]


def _is_digit(path: Path) -> bool:
    return path.parent.name.isdecimal()


def answers(pixels: list[Grey8], classifier: Classifier) -> list[int | None]:
    """Return for each picture the digit that is accepted, or None."""
    predictions = predict([normalise(picture) for picture in pixels], classifier)
    return [each.digit if each.decision == "accept" else None for each in predictions]


def with_value(number: Number, value: Value, work: Callable[[], list[int | None]]) -> Any:
    """Return what ``work`` returns while a number has another value; None if it fails."""
    with ExitStack() as stack:
        for module in number.users:
            stack.enter_context(patch.object(module, number.name, value))
            stack.callback(_clear_caches, module)
            _clear_caches(module)
        try:
            return work()
        except (ValueError, IndexError):
            return None


def _clear_caches(module: ModuleType) -> None:
    for value in vars(module).values():
        if hasattr(value, "cache_clear"):
            value.cache_clear()


def compare(before: list[int | None], after: list[int | None] | None, truth: list[Any]) -> str:
    """Return how many more answers are right, and how many changed, in two cells."""
    if after is None:
        return "fails | "
    right = sum(a == t for a, t in zip(after, truth, strict=True))
    right -= sum(b == t for b, t in zip(before, truth, strict=True))
    return f"{right:+d} | {sum(a != b for a, b in zip(after, before, strict=True))}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sensitivity", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help=f"(default: {DATA})")
    parser.add_argument("--mnist", type=Path, help="directory of MNIST (default: DIGITS_DATA)")
    parser.add_argument("--images", type=int, default=100, help="a set or scene (default: 100)")
    arguments = parser.parse_args()
    classifier = load_weights(pretrained_dir() / "cnn.safetensors").classifier
    mnist = read_mnist(data_directory(arguments.mnist))
    drawn = pictures(arguments.data, mnist, classifier.labels, arguments.images)
    pixels, truth = [list(part) for part in zip(*drawn, strict=True)]
    before = answers(pixels, classifier)
    share = np.mean([a == t for a, t in zip(before, truth, strict=True)])
    print(f"{len(pixels):,} pictures, {share:.4f} of the answers right\n")
    print("| number | value | right, x 0.8 | changed | right, x 1.25 | changed |")
    print("|---|--:|--:|--:|--:|--:|")
    for number in numbers():
        cells = [
            compare(
                before,
                with_value(number, moved(number.value, by), lambda: answers(pixels, classifier)),
                truth,
            )
            for by in (0.8, 1.25)
        ]
        print(
            f"| {number.module}.{number.name} | {number.value} | {' | '.join(cells)} |", flush=True
        )


if __name__ == "__main__":
    main()
