"""How each model is trained: every hyper-parameter, typed and checked."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from training.errors import RecipeError

Model = Literal["dnn", "cnn"]
RecipeName = Literal["notebook", "best"]

# The digits that a model tells apart unless it is asked for others.
DIGITS = (0, 1, 2, 3, 4)


def _expect(name: str, value: object, expected: str, fits: bool) -> None:
    if not fits:
        raise RecipeError(f"{name}: expected {expected}, got {value}")


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides what training does, besides the data and the seed.

    Units: ``learning_rate`` is that of the schedule's peak; ``weight_decay`` is per unit of
    learning rate; ``*_per_digit`` takes the first so many images of each digit, None takes all.
    Raises: RecipeError for a value that makes no sense.
    """

    name: RecipeName
    architecture: str
    optimizer: Literal["sgd", "adamw"]
    schedule: Literal["constant", "one-cycle"]
    learning_rate: float
    weight_decay: float
    epochs: int
    batch_size: int
    train_per_digit: int | None
    test_per_digit: int | None

    def __post_init__(self) -> None:
        _expect("epochs", self.epochs, "at least 1", self.epochs >= 1)
        _expect("batch_size", self.batch_size, "at least 1", self.batch_size >= 1)
        _expect("learning_rate", self.learning_rate, "more than 0", self.learning_rate > 0)
        _expect("weight_decay", self.weight_decay, "0 or more", self.weight_decay >= 0)


_NOTEBOOK = Recipe(
    name="notebook",
    architecture="",
    optimizer="sgd",
    schedule="constant",
    learning_rate=5e-4,
    weight_decay=0.0,
    epochs=10,
    batch_size=1,
    train_per_digit=2000,
    test_per_digit=500,
)
_BEST = Recipe(
    name="best",
    architecture="",
    optimizer="adamw",
    schedule="one-cycle",
    learning_rate=4e-3,
    weight_decay=0.02,
    epochs=8,
    batch_size=64,
    train_per_digit=None,
    test_per_digit=None,
)
_RECIPES: dict[tuple[Model, RecipeName], Recipe] = {
    ("dnn", "notebook"): dataclasses.replace(_NOTEBOOK, architecture="notebook-dnn"),
    ("cnn", "notebook"): dataclasses.replace(_NOTEBOOK, architecture="notebook-cnn"),
    ("dnn", "best"): dataclasses.replace(_BEST, architecture="dnn"),
    ("cnn", "best"): dataclasses.replace(_BEST, architecture="cnn"),
}


def get_recipe(model: Model, name: RecipeName, **changes: Any) -> Recipe:
    """Return a model's recipe; a change that is None leaves the recipe's own value.

    Raises: RecipeError if a change makes no sense.
    """
    wanted = {field: value for field, value in changes.items() if value is not None}
    return dataclasses.replace(_RECIPES[model, name], **wanted)
