"""Recipes: the hyper-parameters of each model's training, typed, described and bounded."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from training.data.augmentation import Augmentation
from training.hyper_parameters import (
    AT_LEAST_ONE,
    BELOW_ONE,
    NOT_NEGATIVE,
    POSITIVE,
    at_most,
    check_bounds,
    expect,
    hyper_parameter,
)

ModelName = Literal["dnn", "cnn", "cnn10"]
RecipeName = Literal["notebook", "best", "fine-tune"]
OptimizerName = Literal["sgd", "adam", "adamw"]
ScheduleName = Literal["constant", "cosine", "one-cycle"]

# The digits that a model is trained for by default, and those of the model of ten digits.
DIGITS = (0, 1, 2, 3, 4)
TEN_DIGITS = tuple(range(10))


@dataclass(frozen=True, slots=True)
class Recipe:
    """All hyper-parameters of a training run, besides the data, the digits and the seed.

    The options of ``fit``, the model card and the checkpoints follow from the fields. The names
    ``pens``, ``clutter`` and ``others`` are part of the file format and of the command line.
    Units: as the descriptions say.
    Raises: RecipeError for a value out of bounds.
    """

    name: RecipeName
    architecture: str
    optimizer: OptimizerName = hyper_parameter("Update rule of the weights.")
    schedule: ScheduleName = hyper_parameter(
        "Learning rate schedule: the learning rate over the run, as a share of its peak."
    )
    learning_rate: float = hyper_parameter("At the peak of the schedule, per step.", POSITIVE)
    momentum: float = hyper_parameter(
        "Of sgd: share of the last step that is kept, 0 to below 1.", BELOW_ONE
    )
    weight_decay: float = hyper_parameter(
        "Shrinkage of weights, per step and unit of learning rate.", NOT_NEGATIVE
    )
    epochs: int = hyper_parameter("Passes over the images.", AT_LEAST_ONE)
    batch_size: int = hyper_parameter("Images per step.", AT_LEAST_ONE)
    average: float = hyper_parameter(
        "Exponential moving average of the weights: share that a step keeps, 0 to below 1; the "
        "average is saved. 0: no average.",
        BELOW_ONE,
    )
    rotation: float = hyper_parameter("Augmentation: largest angle, in degrees.", NOT_NEGATIVE)
    scale: float = hyper_parameter(
        "Augmentation: larger or smaller by at most this share.", NOT_NEGATIVE, at_most(1)
    )
    shear: float = hyper_parameter(
        "Augmentation: slanted by at most this share of the height.", NOT_NEGATIVE, at_most(1)
    )
    shift: float = hyper_parameter(
        "Augmentation: largest shift, in pixels of 28x28.", NOT_NEGATIVE, at_most(28)
    )
    stroke: float = hyper_parameter(
        "Augmentation: strokes thicker or thinner by at most this many pixels on each side.",
        NOT_NEGATIVE,
        at_most(1),
    )
    elastic: float = hyper_parameter(
        "Augmentation: largest elastic displacement, in pixels of 28x28.", NOT_NEGATIVE, at_most(28)
    )
    repeats: int = hyper_parameter(
        "How often an epoch has each of MNIST's images of the digits, if there is a reject class.",
        AT_LEAST_ONE,
    )
    pens: int = hyper_parameter(
        "Number of digits, and of other digits, that are added in other stroke styles.",
        NOT_NEGATIVE,
    )
    handwriting: int = hyper_parameter(
        "Number of synthetic handwritten digits 0-9, in forms that MNIST lacks.", NOT_NEGATIVE
    )
    printed: int = hyper_parameter("Number of printed digits 0-9, in many typefaces.", NOT_NEGATIVE)
    distractors: float = hyper_parameter(
        "Share of the drawn pictures, digits or not, with a line, dots or splashes across.",
        NOT_NEGATIVE,
        at_most(1),
    )
    clutter: int = hyper_parameter(
        "Number of synthetic pictures of no digit: letters, strokes, textures.", NOT_NEGATIVE
    )
    others: int = hyper_parameter(
        "Number of other digits and pictures of no digit in an epoch, for the reject class 'none "
        "of them'. 0: no reject class.",
        NOT_NEGATIVE,
    )
    corrections: float = hyper_parameter(
        "Share of an epoch that are corrections, if --also has any.", BELOW_ONE
    )
    held_back: float = hyper_parameter(
        "Share of the corrections that is not trained on, to measure.", BELOW_ONE
    )
    train_per_digit: int | None = hyper_parameter(
        "Training images of each digit, the first ones.", AT_LEAST_ONE
    )
    validation_per_digit: int = hyper_parameter(
        "Validation images of each digit: the last training images, which are not trained on.",
        NOT_NEGATIVE,
    )
    test_per_digit: int | None = hyper_parameter(
        "Test images of each digit, the first ones.", AT_LEAST_ONE
    )

    def __post_init__(self) -> None:
        check_bounds(self)
        drawn = self.clutter > 0 or not self.others
        expect("clutter", self.clutter, "at least 1 where others is more than 0", drawn)

    @property
    def augmentation(self) -> Augmentation:
        """The hyper-parameters of the augmentation."""
        names = [field.name for field in dataclasses.fields(Augmentation)]
        return Augmentation(**{name: getattr(self, name) for name in names})

    @property
    def train_part(self) -> slice:
        """The part of each digit's training images that is trained on."""
        return slice(0, self.train_per_digit or -self.validation_per_digit or None)


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
    repeats=1,
    pens=0,
    handwriting=0,
    printed=0,
    distractors=0.0,
    clutter=0,
    others=0,
    corrections=0.0,
    held_back=0.0,
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
    repeats=3,
    pens=12_000,
    handwriting=60_000,
    printed=14_000,
    distractors=0.12,
    clutter=60_000,
    others=50_000,
    corrections=0.05,
    held_back=0.25,
    train_per_digit=None,
    validation_per_digit=500,
    test_per_digit=None,
)
# For weights that are trained already (--from): fewer pictures, fewer epochs, a smaller rate.
_FINE_TUNE = dataclasses.replace(
    _BEST,
    name="fine-tune",
    learning_rate=5e-4,
    epochs=1,
    repeats=1,
    pens=1_500,
    handwriting=7_500,
    printed=2_000,
    clutter=7_500,
    others=15_000,
)
RECIPES: dict[tuple[ModelName, RecipeName], Recipe] = {
    ("dnn", "notebook"): dataclasses.replace(_NOTEBOOK, architecture="notebook-dnn"),
    ("cnn", "notebook"): dataclasses.replace(_NOTEBOOK, architecture="notebook-cnn"),
    ("dnn", "best"): dataclasses.replace(_BEST, architecture="dnn", epochs=10),
    ("cnn", "best"): dataclasses.replace(_BEST, architecture="cnn-small", epochs=26),
    ("cnn10", "best"): dataclasses.replace(_BEST, architecture="cnn", epochs=15, repeats=2),
    ("dnn", "fine-tune"): dataclasses.replace(_FINE_TUNE, architecture="dnn"),
    ("cnn", "fine-tune"): dataclasses.replace(_FINE_TUNE, architecture="cnn-small"),
    ("cnn10", "fine-tune"): dataclasses.replace(_FINE_TUNE, architecture="cnn"),
}


def default_digits(model: ModelName) -> tuple[int, ...]:
    """Return the digits that a model is trained for by default."""
    return TEN_DIGITS if model == "cnn10" else DIGITS


def get_recipe(model: ModelName, name: RecipeName, **changes: Any) -> Recipe:
    """Return a model's recipe; a change that is None leaves the recipe's own value.

    Raises: RecipeError if a change makes no sense, or the model has no such recipe.
    """
    expect("recipe", name, f"another one for {model}", (model, name) in RECIPES)
    wanted = {field: value for field, value in changes.items() if value is not None}
    return dataclasses.replace(RECIPES[model, name], **wanted)


def continue_architecture(recipe: Recipe, architecture: str) -> Recipe:
    """Return the recipe for weights to start from: a CNN keeps its number of channels.

    Up to version 5, the weights of ``cnn`` had the channels that ``cnn10`` has.
    """
    if {recipe.architecture, architecture} == {"cnn", "cnn-small"}:
        return dataclasses.replace(recipe, architecture=architecture)
    return recipe
