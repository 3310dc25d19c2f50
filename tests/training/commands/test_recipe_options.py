"""Command line options are generated from the fields of a recipe."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from model_core.architectures import build
from tests.support.models import untrained
from tests.training.fitting.test_loop import bars
from training.commands.recipe_options import with_recipe_options
from training.errors import CheckpointError, RecipeError
from training.fitting.checkpoint import Checkpoint
from training.fitting.loop import TrainingRun
from training.hyper_parameters import at_most, hyper_parameter, hyper_parameters
from training.model_card import render_card
from training.recipes import RECIPES, ModelName, Recipe, RecipeName, get_recipe


@dataclass(frozen=True, slots=True)
class SmoothedRecipe(Recipe):
    """A recipe with an additional hyper-parameter."""

    label_smoothing: float = hyper_parameter("Share of the target spread evenly.", at_most(0.5))


def smoothed(recipe: Recipe, share: float) -> SmoothedRecipe:
    """Return a recipe with the additional hyper-parameter."""
    return SmoothedRecipe(**dataclasses.asdict(recipe), label_smoothing=share)


SMOOTHED: dict[tuple[ModelName, RecipeName], Recipe] = {
    key: smoothed(recipe, 0.0 if key[1] == "notebook" else 0.1) for key, recipe in RECIPES.items()
}


def application(changes: dict[str, Any]) -> typer.Typer:
    """Return a command line with the options of the larger recipe; it stores the values given."""
    result = typer.Typer()

    @result.command()
    @with_recipe_options(SmoothedRecipe, SMOOTHED)
    def fit(model: str, **given: Any) -> None:
        changes.update(given)

    return result


def test_a_new_field_is_an_option_with_help_and_defaults() -> None:
    """The option has the name of the field, its description, and its value in each recipe."""
    shown = CliRunner().invoke(application({}), ["--help"], env={"COLUMNS": "200"})

    assert shown.exit_code == 0
    text = " ".join(shown.stdout.replace("│", " ").split())
    assert "--label-smoothing" in text
    assert (
        "Share of the target spread evenly. Default: 0 (notebook), 0.1 (best, fine-tune)." in text
    )


def test_a_new_field_takes_its_value_from_the_command_line() -> None:
    """The value arrives with the type of the field; options that were not given are None."""
    given: dict[str, Any] = {}

    done = CliRunner().invoke(application(given), ["dnn", "--label-smoothing", "0.25"])

    assert done.exit_code == 0
    assert given.pop("label_smoothing") == 0.25
    assert given.keys() == {field.name for field in hyper_parameters(Recipe)}
    assert set(given.values()) == {None}


def test_a_model_without_a_recipe_of_that_name_says_so() -> None:
    """The notebook had no model of ten digits."""
    with pytest.raises(RecipeError, match="recipe: expected another one for cnn10, got notebook"):
        get_recipe("cnn10", "notebook")


def test_a_new_field_is_checked_against_its_bounds() -> None:
    """A value out of bounds is an error that names the field."""
    with pytest.raises(RecipeError, match=r"label_smoothing: expected at most 0\.5, got 0\.75"):
        smoothed(get_recipe("dnn", "best"), 0.75)


def test_a_new_field_is_on_the_model_card() -> None:
    """The page of the model card lists the field with its value."""
    recipe = dataclasses.asdict(smoothed(get_recipe("dnn", "best"), 0.3))
    metrics = dict.fromkeys(
        ("accuracy", "errors", "images", "rmse", "calibration_error", "abstained"), 0.5
    )

    page = render_card(
        "x", untrained(recipe=recipe, metrics={f"test_{name}": v for name, v in metrics.items()})
    )

    assert "| label_smoothing | 0.3 |" in page


def test_a_new_field_is_part_of_a_checkpoint(tmp_path: Path) -> None:
    """A checkpoint of a run with another value is refused."""
    one, other = (
        TrainingRun(
            build("dnn", labels=(0, 1, 2, 3, 4), rng=np.random.default_rng(1)),
            bars(20),
            smoothed(get_recipe("dnn", "best"), share),
            seed=1,
        )
        for share in (0.1, 0.2)
    )
    Checkpoint(tmp_path, resume=False).save(one)

    with pytest.raises(CheckpointError, match=r"label_smoothing: expected 0\.1 as in the checkp"):
        Checkpoint(tmp_path, resume=True).restore(other)
