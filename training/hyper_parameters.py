"""Hyper-parameters as dataclass fields: description, bounds, validation."""

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from training.errors import RecipeError


@dataclass(frozen=True, slots=True)
class Bound:
    """A condition on a value; ``expected`` names it in error messages."""

    expected: str
    holds: Callable[[Any], bool]


POSITIVE = Bound("a number more than 0", lambda value: 0 < value < math.inf)
NOT_NEGATIVE = Bound("0 or more", lambda value: 0 <= value < math.inf)
BELOW_ONE = Bound("0 to below 1", lambda value: 0 <= value < 1)
AT_LEAST_ONE = Bound("at least 1", lambda value: value >= 1)


def at_most(limit: float) -> Bound:
    """Return an upper bound."""
    return Bound(f"at most {limit}", lambda value: value <= limit)


def hyper_parameter(description: str, *bounds: Bound) -> Any:
    """Return a dataclass field with a description for ``--help`` and bounds on its value."""
    return field(metadata={"description": description, "bounds": bounds})


def hyper_parameters(recipe: type) -> list["dataclasses.Field[Any]"]:
    """Return the fields of a dataclass that are hyper-parameters, in order of definition."""
    return [field for field in dataclasses.fields(recipe) if "description" in field.metadata]


def check_bounds(recipe: Any) -> None:
    """Check every hyper-parameter of a dataclass instance against its bounds; None is allowed.

    Raises: RecipeError for the first value out of bounds.
    """
    for parameter in hyper_parameters(type(recipe)):
        value = getattr(recipe, parameter.name)
        for bound in parameter.metadata["bounds"]:
            expect(parameter.name, value, bound.expected, value is None or bound.holds(value))


def expect(name: str, value: Any, expected: str, fits: bool) -> None:
    """Raise RecipeError unless a value fits."""
    if not fits:
        raise RecipeError(f"{name}: expected {expected}, got {value}")
