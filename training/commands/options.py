"""The hyper-parameters as options of the command line, with what the recipes say of each."""

import dataclasses
from typing import Annotated, Any

import typer

from training.recipes import RECIPES, OptimizerName, Recipe, ScheduleName


def _option(name: str, **settings: Any) -> Any:
    """Return the option of a recipe's field: its meaning, and its default in every recipe."""
    about = next(f.metadata["about"] for f in dataclasses.fields(Recipe) if f.name == name)
    defaults: dict[str, list[str]] = {}
    for (model, recipe_name), recipe in RECIPES.items():
        value = _show(getattr(recipe, name))
        alike = value == _show(getattr(RECIPES["dnn", recipe_name], name)) and value == _show(
            getattr(RECIPES["cnn", recipe_name], name)
        )
        who = recipe_name if alike else f"{model} {recipe_name}"
        if who not in defaults.setdefault(value, []):
            defaults[value].append(who)
    listed = ", ".join(f"{value} ({', '.join(who)})" for value, who in defaults.items())
    default = next(iter(defaults)) if len(defaults) == 1 else listed
    return typer.Option(
        help=f"{about} Default: {default}.",
        show_default=False,
        rich_help_panel="Hyper-parameters",
        **settings,
    )


def _show(value: object) -> str:
    return "all" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


Optimizer = Annotated[OptimizerName | None, _option("optimizer")]
Schedule = Annotated[ScheduleName | None, _option("schedule")]
LearningRate = Annotated[float | None, _option("learning_rate")]
Momentum = Annotated[float | None, _option("momentum")]
WeightDecay = Annotated[float | None, _option("weight_decay")]
Epochs = Annotated[int | None, _option("epochs")]
BatchSize = Annotated[int | None, _option("batch_size")]
Average = Annotated[float | None, _option("average")]
Rotation = Annotated[float | None, _option("rotation")]
Scale = Annotated[float | None, _option("scale")]
Shear = Annotated[float | None, _option("shear")]
Shift = Annotated[float | None, _option("shift")]
Stroke = Annotated[float | None, _option("stroke")]
Elastic = Annotated[float | None, _option("elastic")]
Pens = Annotated[int | None, _option("pens")]
FlaggedOnes = Annotated[int | None, _option("flagged_ones")]
Clutter = Annotated[int | None, _option("clutter")]
Others = Annotated[int | None, _option("others")]
TrainPerDigit = Annotated[int | None, _option("train_per_digit")]
ValidationPerDigit = Annotated[int | None, _option("validation_per_digit")]
TestPerDigit = Annotated[int | None, _option("test_per_digit")]


def parse_digits(text: str) -> tuple[int, ...]:
    """Return the digits in a text like ``0-4`` or ``1,3,7-9``, in order.

    Raises: typer.BadParameter if it names fewer than two digits, or anything that is none.
    """
    digits: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not _is_digit(first) or (dash and not _is_digit(last)) or (dash and last < first):
            raise typer.BadParameter(f"expected digits like 0-4 or 1,3,7-9, got {text!r}")
        digits.update(range(int(first), int(last or first) + 1))
    if len(digits) < 2:
        raise typer.BadParameter(f"expected at least two digits to tell apart, got {text!r}")
    return tuple(sorted(digits))


def _is_digit(text: str) -> bool:
    return len(text) == 1 and text in "0123456789"
