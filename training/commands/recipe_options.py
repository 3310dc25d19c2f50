"""Command line options generated from the fields of a recipe."""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from training.hyper_parameters import hyper_parameters
from training.recipes import RECIPES, ModelName, Recipe, RecipeName

Recipes = Mapping[tuple[ModelName, RecipeName], Recipe]
Command = TypeVar("Command", bound=Callable[..., None])


def with_recipe_options(
    recipe: type[Recipe] = Recipe, recipes: Recipes = RECIPES
) -> Callable[[Command], Command]:
    """Return a decorator that replaces ``**changes`` of a command by recipe options.

    There is one option per hyper-parameter of the class ``recipe``.

    An option that is not given is None. Its help is the field's description and its default in
    each of the ``recipes``.
    """

    def decorate(command: Command) -> Command:
        signature = inspect.signature(command)
        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        parameters = [*own, *_options(recipe, recipes)]
        command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        return command

    return decorate


def _options(recipe: type[Recipe], recipes: Recipes) -> list[inspect.Parameter]:
    types = get_type_hints(recipe)
    options = []
    for field in hyper_parameters(recipe):
        option = typer.Option(
            help=f"{field.metadata['description']} Default: {_default(field.name, recipes)}.",
            show_default=False,
            rich_help_panel="Hyper-parameters",
        )
        kind, annotation = (
            inspect.Parameter.KEYWORD_ONLY,
            Annotated[types[field.name] | None, option],
        )
        options.append(inspect.Parameter(field.name, kind, default=None, annotation=annotation))
    return options


def _default(name: str, recipes: Recipes) -> str:
    """Return the value of a hyper-parameter in each recipe, like ``1 (notebook), 64 (best)``."""
    values = {key: _text(getattr(recipe, name)) for key, recipe in recipes.items()}
    owners: dict[str, list[str]] = {}
    for (model, recipe_name), value in values.items():
        of_recipe = {v for (_, other), v in values.items() if other == recipe_name}
        owner = recipe_name if len(of_recipe) == 1 else f"{model} {recipe_name}"
        if owner not in owners.setdefault(value, []):
            owners[value].append(owner)
    if len(owners) == 1:
        return next(iter(owners))
    return ", ".join(f"{value} ({', '.join(names)})" for value, names in owners.items())


def _text(value: Any) -> str:
    return "all" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
