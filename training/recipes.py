"""How each model is trained: every hyper-parameter, typed, explained and checked."""

import dataclasses
import math
from dataclasses import dataclass, field
from typing import Any, Literal

from training.data.augmentation import Augmentation
from training.errors import RecipeError

ModelName = Literal["dnn", "cnn"]
RecipeName = Literal["notebook", "best"]
OptimizerName = Literal["sgd", "adam", "adamw"]
ScheduleName = Literal["constant", "cosine", "one-cycle"]

# The digits that a model tells apart unless it is asked for others.
DIGITS = (0, 1, 2, 3, 4)


def _about(text: str) -> Any:
    """Return a field with what it means, for --help."""
    return field(metadata={"about": text})


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides what training does, besides the data, the digits and the seed.

    Units: as the fields say.
    Raises: RecipeError for a value that makes no sense.
    """

    name: RecipeName
    architecture: str
    optimizer: OptimizerName = _about("How weights follow their gradients.")
    schedule: ScheduleName = _about("The learning rate over the run, as a share of its peak.")
    learning_rate: float = _about("At the peak of the schedule, per step.")
    momentum: float = _about("Of sgd: share of the last step that is kept, 0 to below 1.")
    weight_decay: float = _about("Shrinkage of weights, per step and unit of learning rate.")
    epochs: int = _about("Passes over the images.")
    batch_size: int = _about("Images a step.")
    average: float = _about(
        "Share of the average of the weights that a step keeps, 0 to below 1; it is the average "
        "that is saved. 0: no average."
    )
    rotation: float = _about("Augmentation: at most so many degrees.")
    scale: float = _about("Augmentation: larger or smaller by at most this share.")
    shear: float = _about("Augmentation: slanted by at most this share of the height.")
    shift: float = _about("Augmentation: at most so many pixels of 28x28.")
    stroke: float = _about("Augmentation: thicker or thinner by at most so many pixels a side.")
    elastic: float = _about("Augmentation: bent by at most so many pixels of 28x28.")
    pens: int = _about("So many digits, and other digits, are written again with other pens.")
    flagged_ones: int = _about("So many ones with a long upstroke are drawn, as MNIST lacks them.")
    clutter: int = _about("So many pictures of no digit are drawn: letters, strokes, textures.")
    others: int = _about(
        "So many other digits and pictures of no digit come up in an epoch, for the outcome "
        "'none of them'. 0: there is no such outcome."
    )
    train_per_digit: int | None = _about("The first so many training images of each digit.")
    validation_per_digit: int = _about("The last so many are not trained on, but watched.")
    test_per_digit: int | None = _about("The first so many test images of each digit.")

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size"):
            self._expect(name, "at least 1", getattr(self, name) >= 1)
        for name in ("train_per_digit", "test_per_digit"):
            self._expect(name, "at least 1", getattr(self, name) is None or getattr(self, name) > 0)
        self._expect("learning_rate", "a number more than 0", 0 < self.learning_rate < math.inf)
        for name in ("momentum", "average"):
            self._expect(name, "0 to below 1", 0 <= getattr(self, name) < 1)
        for name in ("rotation", "weight_decay", *_COUNTS, *_SHARES):
            self._expect(name, "0 or more", 0 <= getattr(self, name) < math.inf)
        for name in _SHARES:
            self._expect(name, f"at most {_SHARES[name]}", getattr(self, name) <= _SHARES[name])
        if self.others:
            self._expect("clutter", "at least 1 where others is more than 0", self.clutter > 0)

    def _expect(self, name: str, expected: str, fits: bool) -> None:
        if not fits:
            raise RecipeError(f"{name}: expected {expected}, got {getattr(self, name)}")

    @property
    def augmentation(self) -> Augmentation:
        """Return the part that changes images."""
        names = [field.name for field in dataclasses.fields(Augmentation)]
        return Augmentation(**{name: getattr(self, name) for name in names})

    @property
    def train_part(self) -> slice:
        """Return which of each digit's training images are trained on."""
        return slice(0, self.train_per_digit or -self.validation_per_digit or None)


_COUNTS = ("pens", "flagged_ones", "clutter", "others", "validation_per_digit")
# What an image bears before it is another one.
_SHARES = {"scale": 1, "shear": 1, "shift": 28, "stroke": 1, "elastic": 28}

_NOTEBOOK = Recipe(
    name="notebook",
    architecture="",
    optimizer="sgd",
    schedule="constant",
    learning_rate=5e-4,
    momentum=0.0,
    weight_decay=0.0,
    epochs=10,
    batch_size=1,
    average=0.0,
    rotation=0.0,
    scale=0.0,
    shear=0.0,
    shift=0.0,
    stroke=0.0,
    elastic=0.0,
    pens=0,
    flagged_ones=0,
    clutter=0,
    others=0,
    train_per_digit=2000,
    validation_per_digit=0,
    test_per_digit=500,
)
_BEST = Recipe(
    name="best",
    architecture="",
    optimizer="adamw",
    schedule="one-cycle",
    learning_rate=4e-3,
    momentum=0.0,
    weight_decay=0.02,
    epochs=16,
    batch_size=64,
    average=0.999,
    rotation=15.0,
    scale=0.15,
    shear=0.2,
    shift=1.5,
    stroke=0.5,
    elastic=1.0,
    pens=12_000,
    flagged_ones=10_000,
    clutter=40_000,
    others=32_000,
    train_per_digit=None,
    validation_per_digit=500,
    test_per_digit=None,
)
RECIPES: dict[tuple[ModelName, RecipeName], Recipe] = {
    ("dnn", "notebook"): dataclasses.replace(_NOTEBOOK, architecture="notebook-dnn"),
    ("cnn", "notebook"): dataclasses.replace(_NOTEBOOK, architecture="notebook-cnn"),
    ("dnn", "best"): dataclasses.replace(_BEST, architecture="dnn", epochs=10),
    ("cnn", "best"): dataclasses.replace(_BEST, architecture="cnn"),
}


def get_recipe(model: ModelName, name: RecipeName, **changes: Any) -> Recipe:
    """Return a model's recipe; a change that is None leaves the recipe's own value.

    Raises: RecipeError if a change makes no sense.
    """
    wanted = {field: value for field, value in changes.items() if value is not None}
    return dataclasses.replace(RECIPES[model, name], **wanted)
